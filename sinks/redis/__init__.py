"""Redis: the scores that count, what was flagged lately, the riskiest users and IPs."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Sink
from sinks.redis.erase import count, erase
from sinks.redis.erased import add_erased, erased
from sinks.redis.event import look_up
from sinks.redis.place import apart, make, remove
from sinks.redis.probe import probe
from sinks.redis.read import flagged, scan, top_ips, top_users
from sinks.redis.whole import problems
from sinks.redis.wipe import wipe
from sinks.redis.writer import RedisSink

__all__ = [
    "PROBE_PAUSE_S",
    "add_erased",
    "apart",
    "count",
    "create",
    "erase",
    "erased",
    "flagged",
    "look_up",
    "make",
]
__all__ += ["probe", "problems", "remove", "scan", "top_ips", "top_users", "wipe"]

PROBE_PAUSE_S = 0.01


def create(settings: Settings) -> Sink:
    """Redis's writer, which takes only live scores."""
    return RedisSink(settings)
