-- Answers 'ok', and resource and number of each resource of the account, oldest first; or 'ask' as a claim does.
local answer = {'ok'}
for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    local number, incarnation = holder(name)
    local known = status(incarnation)
    if not known then return {'ask', incarnation} end
    if known == 'alive' then
        answer[#answer + 1] = name
        answer[#answer + 1] = number
    end
end
return answer
