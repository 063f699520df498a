"""Empties Redis of what is ours."""

from __future__ import annotations

from typing import Final

import redis

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.redis import keys
from sinks.redis.client import connect

# In one script, and so at once: a score written between two deletions would be counted in a sum
# whose entry is gone, or have an entry that no sum has counted.
_SCRIPT: Final = """
local names = redis.call('KEYS', ARGV[1])
local kept = 0
for i = 1, #names do
  if names[i] == KEYS[1] then kept = i end
end
if kept > 0 then table.remove(names, kept) end
for i = 1, #names, 1000 do
  redis.call('UNLINK', unpack(names, i, math.min(i + 999, #names)))
end
return #names
"""


def wipe(settings: Settings) -> None:
    """Delete all keys under the prefix; the list of erased users stays, and those of others.

    Raises `Unavailable`.

    Redis does nothing else meanwhile: for about a second with a million keys.
    """
    try:
        with connect(settings) as client:
            client.eval(_SCRIPT, 1, keys.ERASED, keys.PREFIX + "*")
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
