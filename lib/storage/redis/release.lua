-- ARGV[7]: resource, [8]: the number of the claim that is given back. May come twice, and late.
local resource, number = ARGV[7], ARGV[8]
local its_number, incarnation = holder(resource)
redis.call('HDEL', KEYS[1], 'e' .. number)
if its_number == number then
    load_counts()
    remove(resource, incarnation)
    save()
end
return {'ok'}
