"""The stores as their owners reach them: past the jobs' proxies, to be told how to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

import psycopg
import redis
from elasticsearch import ApiError, Elasticsearch

from risk.config.settings import Settings
from risk.errors import UserError
from risk.stack import postgres as postgres_server
from risk.stack import redis as redis_server
from sinks.elasticsearch.client import PASSING
from sinks.elasticsearch.client import connect as elasticsearch_client

_ERRORS: Final = (psycopg.Error, redis.RedisError, ApiError, *PASSING)


@contextmanager
def postgres(settings: Settings) -> Iterator[psycopg.Connection]:
    """A session in the database that is always there; it writes even where the server doesn't."""
    with postgres_server.connect(settings.postgres) as connection:
        connection.execute("SET default_transaction_read_only = off")
        yield connection


@contextmanager
def cache(settings: Settings) -> Iterator[redis.Redis]:
    """A client."""
    with redis_server.connect(settings.redis) as client:
        yield client


def setting(owner: redis.Redis, name: str) -> str:
    """What a setting of Redis is now."""
    found = cast("dict[str, str]", owner.config_get(name))
    return found[name]


@contextmanager
def search(settings: Settings) -> Iterator[Elasticsearch]:
    """A client."""
    with elasticsearch_client(settings) as client:
        yield client


@contextmanager
def told(store: str) -> Iterator[None]:
    """What a store says to the contrary is raised as `UserError`."""
    try:
        yield
    except _ERRORS as error:
        raise UserError(f"{store}: {error}") from error
