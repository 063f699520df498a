-- Sets one score, unless one that weighs more is there: a late one never replaces one that isn't, nor
-- an older revision a newer one under the same ruleset.
-- The sums of an hour are over the payments' scores as they are now: what the payment added before is
-- taken back first, so that a correction adds the difference and a repetition nothing.
-- The keys are ours alone. What is no value of ours, of another type or another shape, counts as not
-- there and is replaced: nothing in the way can stop the script half way.
--
-- KEYS: score, user, flagged, hours, erased users
-- ARGV: score's value, user's value, seconds to live, most flagged payments kept, payment's key,
--   the salt that the writer knows, the user's hash by it
-- Returns 1 if it was written, 0 if what is there weighs more, 2 if the user was erased, and -1 if
-- the list of erased users has another salt.
local value, latest = ARGV[1], ARGV[2]
local ttl, most, payment = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local new = cjson.decode(value)

local function before(a, b) -- byte order, whatever the server's locale
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function clear(key, kind) -- of what isn't of that type
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then redis.call('DEL', key) end
end

local function get(key, shape) -- the value, if its fields have these types
  clear(key, 'string')
  local text = redis.call('GET', key)
  if not text then return nil end
  local ok, found = pcall(cjson.decode, text)
  if not ok or type(found) ~= 'table' then return nil end
  for name, kind in pairs(shape) do
    if type(found[name]) ~= kind then return nil end
  end
  return found
end

if redis.call('TYPE', KEYS[5]).ok == 'hash' then
  if redis.call('HGET', KEYS[5], 'salt') ~= ARGV[6] then return -1 end
  local upto = redis.call('HGET', KEYS[5], ARGV[7])
  if upto and new.event_time <= tonumber(upto) then return 2 end
end

local old = get(KEYS[1], {
  ruleset = 'string', revision = 'number', hour = 'string', user_id = 'string', ip = 'string',
  score = 'number'
})
if old then
  if new.late and not old.late then return 0 end
  local same = old.ruleset == new.ruleset and new.late == (old.late or false)
  if same and new.revision < old.revision then return 0 end
end

local last = get(KEYS[2], { event_time = 'number', event_id = 'string' })
if last then
  local older = new.event_time < last.event_time
    or (new.event_time == last.event_time and before(new.event_id, last.event_id))
  if older then latest = nil end
end

local function add(prefix, hour, member, points)
  local key = prefix .. hour
  clear(key, 'zset')
  local sum = tonumber(redis.call('ZINCRBY', key, points, member))
  -- At or below 0: nothing is left of it, or what is taken back had expired with its hour.
  if sum <= 0 then redis.call('ZREM', key, member) end
  -- Set once: the sums must not outlive the entries that they are corrected by.
  if redis.call('TTL', key) == -1 then redis.call('EXPIRE', key, ttl) end
end

local function count(score, sign)
  add('risk:top:users:', score.hour, score.user_id, sign * score.score)
  if score.ip ~= '' then add('risk:top:ips:', score.hour, score.ip, sign * score.score) end
end

if old and old.hour ~= '' then
  count(old, -1)
  if new.hour == '' then
    clear(KEYS[3], 'zset')
    redis.call('ZREM', KEYS[3], payment)
  end
end
if new.hour ~= '' then
  count(new, 1)
  clear(KEYS[3], 'zset')
  clear(KEYS[4], 'zset')
  redis.call('ZADD', KEYS[3], new.event_time, payment)
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -most - 1)
  redis.call('EXPIRE', KEYS[3], ttl)
  redis.call('ZADD', KEYS[4], math.floor(new.event_time / 3600000), new.hour)
  redis.call('EXPIRE', KEYS[4], ttl)
end
redis.call('SET', KEYS[1], value, 'EX', ttl)
if latest then redis.call('SET', KEYS[2], latest, 'EX', ttl) end
return 1
