-- Answers 'ok', and resource and number of each resource of the account, oldest first; or 'ask' as a claim does.
local answer = {'ok'}
load_counts()
local unknown = tidy(function(resource, number)
    answer[#answer + 1] = resource
    answer[#answer + 1] = number
end)
if unknown then return {'ask', unknown} end
return answer
