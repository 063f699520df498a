"""Stores of a benchmark's own on the same servers: another database, index and logical Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from elasticsearch import ApiError
from msgspec.structs import replace
from psycopg import sql
from redis.exceptions import RedisError

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError
from risk.registry.migrate import migrate
from sinks.elasticsearch.client import PASSING
from sinks.elasticsearch.client import connect as connect_elasticsearch
from sinks.postgres.connect import connect as connect_postgres
from sinks.redis.client import connect as connect_redis

STORES = ("postgres", "redis", "elasticsearch")
DATABASE = "risk_bench"
INDEX = "risk-bench"
REDIS_DATABASE = 15  # the last of those that a server has by default


@contextmanager
def own_stores(settings: Settings, names: Sequence[str] = STORES) -> Iterator[Settings]:
    """The settings with these stores empty; they are removed in the end.

    Raises `StackError` if one can't be reached.
    """
    own = replace(
        settings,
        postgres=replace(settings.postgres, database=DATABASE),
        redis=replace(settings.redis, database=REDIS_DATABASE),
        elasticsearch=replace(settings.elasticsearch, index_prefix=INDEX),
    )
    _remove(settings, own, names)
    try:
        if "postgres" in names:
            with _reached("postgres"), connect_postgres(settings) as connection:
                create = sql.SQL("CREATE DATABASE {}")
                connection.execute(create.format(sql.Identifier(DATABASE)))
                migrate(own)
        yield own
    finally:
        _remove(settings, own, names)


def _remove(settings: Settings, own: Settings, names: Sequence[str]) -> None:
    for name in names:
        with _reached(name):
            _REMOVE[name](settings, own)


def _remove_postgres(settings: Settings, own: Settings) -> None:
    with connect_postgres(settings) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(DATABASE)))


def _remove_redis(settings: Settings, own: Settings) -> None:
    client = connect_redis(own)
    client.flushdb()
    client.close()


def _remove_elasticsearch(settings: Settings, own: Settings) -> None:
    client = connect_elasticsearch(own)
    indices = list(client.indices.get(index=f"{INDEX}-*", ignore_unavailable=True))
    if indices:
        client.indices.delete(index=indices)
    client.options(ignore_status=404).indices.delete_index_template(name=INDEX)
    client.close()


_REMOVE: dict[str, Callable[[Settings, Settings], None]] = {
    "postgres": _remove_postgres,
    "redis": _remove_redis,
    "elasticsearch": _remove_elasticsearch,
}


@contextmanager
def _reached(name: str) -> Iterator[None]:
    """An error of a store in one line."""
    try:
        yield
    except (Unavailable, psycopg.Error, RedisError, ApiError, *PASSING) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise StackError(f"{name}: {lines[0].removeprefix(name + ': ')}") from None
