-- Who lives. KEYS[1], a sorted set: incarnations by when their lease ends, in milliseconds of Redis's clock.
-- KEYS[2]: the number of the incarnation made last.
-- ARGV[1]: how long a lease is, [2]: the channel of the caller's node, [3]: the name of a node that wants a new
-- incarnation, or '', then any number of '+' .. incarnation to renew and '-' .. incarnation to end.
-- Answers the new incarnation or '', then each incarnation that lives and for how much longer.
if redis.replicate_commands then redis.replicate_commands() end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = tonumber(ARGV[1])
local made = ''
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i = 4, #ARGV do
    local incarnation = string.sub(ARGV[i], 2)
    if string.sub(ARGV[i], 1, 1) == '-' then
        redis.call('ZREM', KEYS[1], incarnation)
    elseif redis.call('ZSCORE', KEYS[1], incarnation) then
        redis.call('ZADD', KEYS[1], now + lease, incarnation)
    end
end
if ARGV[3] ~= '' then
    local number = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, time[1] * 1000000 + time[2])
    redis.call('SET', KEYS[2], string.format('%.0f', number))
    made = ARGV[3] .. '.' .. string.format('%.0f', number)
    redis.call('ZADD', KEYS[1], now + lease, made)
end
-- The caller hears of itself: so it knows that messages come through.
redis.call('PUBLISH', ARGV[2], 'tick')
local answer = {made}
local all = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #all, 2 do
    answer[#answer + 1] = all[i]
    answer[#answer + 1] = string.format('%.0f', all[i + 1] - now)
end
return answer
