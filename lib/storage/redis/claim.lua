-- ARGV[7]: resource, [8]: 'replace' or 'reject', [9]: resources per account, [10]: 'evict' or 'refuse' beyond that,
-- [11]: the greatest number seen by the caller, [12]: its former incarnations that still live, [13]: the number under
-- which the caller holds the resource, or '0'.
-- Answers 'ok', number, and resource, number, incarnation of each claim that ended; 'conflict'; 'limit'; 'late'; or
-- 'ask' and an incarnation that is neither known to live nor to be dead.
local resource, former, held = ARGV[7], ARGV[12], ARGV[13]
local limit = tonumber(ARGV[9])
local answer = {'ok', ''}

local function ended_with(name, number, incarnation)
    for _, word in ipairs({name, number, incarnation}) do answer[#answer + 1] = word end
    tell(name, number, incarnation)
end

-- A claim whose answer was lost: by a former incarnation of the caller, who does not hold it.
local function is_ghost(number, incarnation)
    return string.find(former, ',' .. incarnation .. ',', 1, true) and number ~= held
end

-- Whether somebody may be counted who holds nothing any longer.
local function is_untidy(total)
    for incarnation, number in pairs(counts) do
        if status(incarnation) ~= 'alive' then return true end
        total = total - number
    end
    return total ~= 0
end

local number, incarnation = holder(resource)
local is_known = number ~= nil
if not is_known and held ~= '0' and redis.call('HEXISTS', KEYS[1], 'e' .. held) == 0 then
    number, incarnation = held, mine -- Redis has lost it
end
load_counts()
if number then
    if is_late(incarnation) then return {'late'} end
    local known = is_ghost(number, incarnation) and 'dead' or status(incarnation)
    if not known then return {'ask', incarnation} end
    if known == 'alive' then
        if ARGV[8] ~= 'replace' then return {'conflict'} end
        ended_with(resource, number, incarnation)
    end
    if is_known then remove(resource, incarnation) end
else
    local total = redis.call('ZCARD', KEYS[2])
    if total >= limit and is_untidy(total) then
        local unknown = tidy(function() end)
        total = redis.call('ZCARD', KEYS[2])
        if total >= limit and unknown then return {'ask', unknown} end
    end
    if total >= limit and ARGV[10] ~= 'evict' then return {'limit'} end
    while total >= limit do
        local oldest = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
        local its_number, its_owner = holder(oldest)
        ended_with(oldest, its_number, its_owner)
        remove(oldest, its_owner)
        total = total - 1
    end
end
local time = redis.call('TIME')
local last = tonumber(redis.call('HGET', KEYS[1], 's') or '0')
local new = math.max(last + 1, time[1] * 1000000 + time[2], tonumber(ARGV[11]) + 1)
raise(new)
new = string.format('%.0f', new)
put(resource, new, mine)
save()
answer[2] = new
return answer
