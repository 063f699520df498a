"""A store that is full: who reads is answered, and who writes hears what a full one says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Final

import psycopg
import redis
from psycopg import errors

from risk.config.settings import Settings
from risk.errors import UserError
from risk.verify.chaos.faults import owners
from risk.verify.chaos.plan import Action
from risk.verify.chaos.testbed import Span, Testbed
from risk.waiting import until

BITES_S: Final = 90.0  # Elasticsearch looks at its disk every half a minute
_DISK: Final = "cluster.routing.allocation.disk"
# Each disk has less left than this, so Elasticsearch finds its own beyond the flood stage.
FLOODED: Final[Mapping[str, object]] = MappingProxyType(
    {
        f"{_DISK}.threshold_enabled": True,
        f"{_DISK}.watermark.low": "1pb",
        f"{_DISK}.watermark.high": "1pb",
        f"{_DISK}.watermark.flood_stage": "1pb",
        "cluster.info.update.interval": "10s",
    }
)
_BLOCK: Final = "index.blocks.read_only_allow_delete"


def full_store(testbed: Testbed, action: Action) -> Span:
    """It takes no writes for so long, counted from when it doesn't."""
    with owners.told(action.target):
        begin = time.monotonic()
        with FULL[action.target](testbed.settings):
            testbed.hold(action.seconds)
        return Span(begin, time.monotonic())


@contextmanager
def _postgres(settings: Settings) -> Iterator[None]:
    """Read-only, as services make a database whose disk is nearly full. Sessions go on."""
    with owners.postgres(settings) as owner:
        try:
            read_only(owner)
            _bites(lambda: _refused_by_postgres(settings))
            yield
        finally:
            writable(owner)
            until(lambda: not _refused_by_postgres(settings), BITES_S)


def read_only(owner: psycopg.Connection) -> None:
    """Every session's next transaction only reads, unless it says otherwise."""
    owner.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    owner.execute("SELECT pg_reload_conf()")


def writable(owner: psycopg.Connection) -> None:
    """The end of that."""
    owner.execute("ALTER SYSTEM RESET default_transaction_read_only")
    owner.execute("SELECT pg_reload_conf()")


def _refused_by_postgres(settings: Settings) -> bool:
    with owners.postgres(settings) as session:
        session.execute("RESET default_transaction_read_only")
        try:
            session.execute("CREATE TEMPORARY TABLE chaos ()")
        except errors.ReadOnlySqlTransaction:
            return True
    return False


@contextmanager
def _redis(settings: Settings) -> Iterator[None]:
    """No room for one more byte, and nothing is evicted to make some."""
    with owners.cache(settings) as owner:
        before = {name: owners.setting(owner, name) for name in ("maxmemory", "maxmemory-policy")}
        try:
            owner.config_set("maxmemory-policy", "noeviction")  # first: else it would evict all
            owner.config_set("maxmemory", 1)
            _bites(lambda: _refused_by_redis(owner))
            yield
        finally:
            for name, value in before.items():
                owner.config_set(name, value)


def _refused_by_redis(owner: redis.Redis) -> bool:
    try:
        owner.set("chaos", "", px=1)
    except redis.exceptions.OutOfMemoryError:
        return True
    return False


@contextmanager
def _elasticsearch(settings: Settings) -> Iterator[None]:
    """Its disk is beyond the flood stage, by watermarks that no disk reaches: it blocks each index
    itself, and lifts that itself.
    """
    indices = f"{settings.elasticsearch.index_prefix}-*"
    with owners.search(settings) as owner:

        def blocked() -> list[bool]:
            found = owner.indices.get_settings(index=indices, flat_settings=True).body
            return [_BLOCK in one["settings"] for one in found.values()]

        try:
            owner.cluster.put_settings(persistent=dict(FLOODED))
            _bites(lambda: any(blocked()) and all(blocked()))
            yield
        finally:
            owner.cluster.put_settings(persistent=dict.fromkeys(FLOODED))
            until(lambda: not any(blocked()), BITES_S, 1.0)
            owner.indices.put_settings(index=indices, settings={_BLOCK: None})


def _bites(refused: Callable[[], bool]) -> None:
    """Wait until it does. Raises `UserError` if it never does: then nothing would be tried."""
    if not until(refused, BITES_S, 0.5):
        raise UserError(f"it still takes writes {BITES_S:.0f} s later")


FULL: Final[Mapping[str, Callable[[Settings], AbstractContextManager[None]]]] = MappingProxyType(
    {"postgres": _postgres, "redis": _redis, "elasticsearch": _elasticsearch}
)
