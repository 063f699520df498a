-- Takes one score of a user away, and its part of what is derived of scores, as score.lua adds it.
--
-- KEYS: score, flagged
-- ARGV: payment's key, user_id, event time up to which the user is erased
-- Returns 1 if it was there.
local function kind(key) return redis.call('TYPE', key).ok end

if kind(KEYS[1]) ~= 'string' then return 0 end
local ok, old = pcall(cjson.decode, redis.call('GET', KEYS[1]))
if not ok or type(old) ~= 'table' then return 0 end
if old.user_id ~= ARGV[2] or old.event_time > tonumber(ARGV[3]) then return 0 end

local function take(prefix, member)
  local key = prefix .. old.hour
  if member == '' or kind(key) ~= 'zset' then return end
  local sum = tonumber(redis.call('ZINCRBY', key, -old.score, member))
  if sum <= 0 then redis.call('ZREM', key, member) end
end

if old.hour ~= '' then
  take('risk:top:users:', old.user_id)
  take('risk:top:ips:', old.ip)
  if kind(KEYS[2]) == 'zset' then redis.call('ZREM', KEYS[2], ARGV[1]) end
end
redis.call('DEL', KEYS[1])
return 1
