-- What all scripts of the directory share. Of an account there are two keys with one hash tag:
--   KEYS[1], a hash:  'r' .. resource -> '<number> <incarnation>': who holds it, under which fencing number
--                     'e' .. number   -> incarnation: the claim of that number was evicted, and its owner may not know
--                     'n'             -> '<incarnation>=<count> ...': how many resources each incarnation holds
--                     's'             -> the greatest number given
--   KEYS[2], a sorted set: resources by number, so by age
-- An incarnation is a node's name, a dot and a number that never comes twice; whether it lives is known from another key.
-- ARGV[1]: the caller's incarnation, ARGV[2]: those that live (',a.1,b.2,'), ARGV[3]: those that are dead for ever,
-- ARGV[4]: for how many seconds to keep what nobody checks, ARGV[5]: prefix of channels, ARGV[6]: the account
if redis.replicate_commands then redis.replicate_commands() end

local mine, living, dead = ARGV[1], ARGV[2], ARGV[3]

local function node_of(incarnation)
    return string.match(incarnation, '^(.*)%.')
end

-- A command of a connection that broke may come late, when its node has gone on under a later incarnation.
local function is_late(incarnation)
    return node_of(incarnation) == node_of(mine) and
        tonumber(string.match(incarnation, '(%d+)$')) > tonumber(string.match(mine, '(%d+)$'))
end

-- 'alive', 'dead' (nobody, too), or nil when the caller has to find out
local function status(incarnation)
    if not incarnation then return 'dead' end
    if incarnation == mine or string.find(living, ',' .. incarnation .. ',', 1, true) then return 'alive' end
    if string.find(dead, ',' .. incarnation .. ',', 1, true) then return 'dead' end
end

-- The number as text and the incarnation that hold a resource, or nothing.
local function holder(resource)
    local entry = redis.call('HGET', KEYS[1], 'r' .. resource)
    if entry then return string.match(entry, '^(%d+) (.*)$') end
end

local counts
local function load_counts()
    counts = {}
    for incarnation, count in string.gmatch(redis.call('HGET', KEYS[1], 'n') or '', '([^ =]+)=(%d+)') do
        counts[incarnation] = tonumber(count)
    end
end

local function count(incarnation, difference)
    counts[incarnation] = (counts[incarnation] or 0) + difference
end

-- Writes the counts, and lets the keys live on for a while.
local function save()
    local words = {}
    for incarnation, number in pairs(counts) do
        if number > 0 then words[#words + 1] = incarnation .. '=' .. number end
    end
    if #words > 0 then
        redis.call('HSET', KEYS[1], 'n', table.concat(words, ' '))
    else
        redis.call('HDEL', KEYS[1], 'n')
    end
    redis.call('EXPIRE', KEYS[1], ARGV[4])
    redis.call('EXPIRE', KEYS[2], ARGV[4])
end

local function put(resource, number, incarnation)
    redis.call('HSET', KEYS[1], 'r' .. resource, number .. ' ' .. incarnation)
    redis.call('ZADD', KEYS[2], number, resource)
    count(incarnation, 1)
end

local function remove(resource, incarnation)
    redis.call('HDEL', KEYS[1], 'r' .. resource)
    redis.call('ZREM', KEYS[2], resource)
    if incarnation then count(incarnation, -1) end
end

-- Calls visit(resource, number) for what is held by those that live, oldest first, and forgets what is held by the dead
-- (or by nobody: one of the two keys may have been lost). So each round finds fewer that are not known, as a node does not
-- remember all the dead. Returns the first one that is not known.
local function tidy(visit)
    local some_dead, unknown
    for _, resource in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
        local number, incarnation = holder(resource)
        local known = status(incarnation)
        if known == 'alive' then
            visit(resource, number)
        elseif known == 'dead' then
            some_dead = true
            remove(resource, incarnation)
        else
            unknown = unknown or incarnation
        end
    end
    if some_dead then save() end
    return unknown
end

-- The claim is taken from its owner: if that is another node it is told, and what it may not hear is marked.
local function tell(resource, number, incarnation)
    if node_of(incarnation) == node_of(mine) then return end
    redis.call('HSET', KEYS[1], 'e' .. number, incarnation)
    redis.call('PUBLISH', ARGV[5] .. node_of(incarnation), number .. ' ' .. ARGV[6] .. '/' .. resource)
end

-- At least as great as any number given before: by this key, by Redis's clock, or seen by the caller.
local function raise(number)
    if number > tonumber(redis.call('HGET', KEYS[1], 's') or '0') then
        redis.call('HSET', KEYS[1], 's', string.format('%.0f', number))
    end
end
