"""Databases of a test's own beside those that all tests share."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from risk.config.settings import Settings
from sinks.postgres.connect import connect

_numbers = itertools.count()


@contextmanager
def own_database(settings: Settings, template: str = "template1") -> Iterator[Settings]:
    """The settings with a copy of a database, else an empty one, which is gone afterwards."""
    name = f"t_{time.time_ns():x}_{next(_numbers)}"
    with connect(settings) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    own = msgspec.structs.replace(settings.postgres, database=name)
    try:
        yield msgspec.structs.replace(settings, postgres=own)
    finally:
        with connect(settings) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
