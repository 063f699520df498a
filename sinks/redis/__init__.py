"""Redis: the scores that count, what was flagged lately, the riskiest users and IPs."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Sink
from sinks.redis.read import flagged, scan, top_ips, top_users
from sinks.redis.whole import problems
from sinks.redis.writer import RedisSink

__all__ = ["create", "flagged", "problems", "scan", "top_ips", "top_users"]


def create(settings: Settings) -> Sink:
    """Redis's writer, which takes only live scores."""
    return RedisSink(settings)
