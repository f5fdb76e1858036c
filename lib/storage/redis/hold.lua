-- ARGV[7]: resource, [8]: the number under which the caller holds it. Answers 'held', and then it is held, by the
-- incarnation of the caller; or 'lost' to a greater number.
local resource, number = ARGV[7], ARGV[8]
local its_number, incarnation = holder(resource)
if redis.call('HEXISTS', KEYS[1], 'e' .. number) == 1 then return {'lost'} end
if its_number == number and is_late(incarnation) then return {'held'} end -- nobody waits for the answer
if its_number == number and incarnation == mine then
    if not redis.call('ZSCORE', KEYS[2], resource) then redis.call('ZADD', KEYS[2], number, resource) end
    redis.call('EXPIRE', KEYS[1], ARGV[4])
    redis.call('EXPIRE', KEYS[2], ARGV[4])
    return {'held'}
end
if its_number and tonumber(its_number) > tonumber(number) then return {'lost'} end
load_counts()
if its_number then
    if its_number ~= number then tell(resource, its_number, incarnation) end
    remove(resource, incarnation)
end
raise(tonumber(number))
put(resource, number, mine)
save()
return {'held'}
