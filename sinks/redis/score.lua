-- Sets one score, unless a newer revision of it under the same ruleset is there.
-- The sums of an hour are over the events' scores as they are now: what the event added before is
-- taken back first, so that a correction adds the difference and a repetition nothing.
-- Both values are read before anything is written: one of another kind leaves no half of a score.
--
-- KEYS: score, user, flagged, hours
-- ARGV: score's value, user's value, seconds to live, most flagged events kept
-- Returns 1 if it was written, 0 if it is older.
local value, latest = ARGV[1], ARGV[2]
local ttl, most = ARGV[3], tonumber(ARGV[4])
local new = cjson.decode(value)

local function before(a, b) -- byte order, whatever the server's locale
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local old = redis.call('GET', KEYS[1])
if old then
  old = cjson.decode(old)
  if old.ruleset == new.ruleset and new.revision < old.revision then return 0 end
end

local last = redis.call('GET', KEYS[2])
if last then
  last = cjson.decode(last)
  local older = new.event_time < last.event_time
    or (new.event_time == last.event_time and before(new.event_id, last.event_id))
  if older then latest = nil end
end

local function add(prefix, hour, member, points)
  local key = prefix .. hour
  local sum = tonumber(redis.call('ZINCRBY', key, points, member))
  -- At or below 0: nothing is left of it, or what is taken back had expired with its hour.
  if sum <= 0 then redis.call('ZREM', key, member) end
  -- Set once: the sums must not outlive the entries that they are corrected by.
  if redis.call('TTL', key) == -1 then redis.call('EXPIRE', key, ttl) end
end

local function count(score, sign)
  add('risk:top:users:', score.hour, score.user_id, sign * score.score)
  add('risk:top:ips:', score.hour, score.ip, sign * score.score)
end

if old and old.hour ~= '' then
  count(old, -1)
  if new.hour == '' then redis.call('ZREM', KEYS[3], new.event_id) end
end
if new.hour ~= '' then
  count(new, 1)
  redis.call('ZADD', KEYS[3], new.event_time, new.event_id)
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -most - 1)
  redis.call('EXPIRE', KEYS[3], ttl)
  redis.call('ZADD', KEYS[4], math.floor(new.event_time / 3600000), new.hour)
  redis.call('EXPIRE', KEYS[4], ttl)
end
redis.call('SET', KEYS[1], value, 'EX', ttl)
if latest then redis.call('SET', KEYS[2], latest, 'EX', ttl) end
return 1
