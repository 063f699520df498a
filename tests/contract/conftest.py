"""For tests of the stores Postgres has its schema."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import msgspec
import pytest

from risk.config.settings import Settings
from sinks.postgres.connect import connect
from sinks.postgres.migrations import migrate

_names = itertools.count()


@pytest.fixture(scope="session")
def postgres(postgres: Settings) -> Settings:
    """Postgres is up, with its schema."""
    migrate(postgres)
    return postgres


@pytest.fixture
def database(postgres: Settings) -> Iterator[Settings]:
    """An empty database of the test's own."""
    name = f"t_{time.time_ns():x}_{next(_names)}"
    with connect(postgres) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield msgspec.structs.replace(
        postgres, postgres=msgspec.structs.replace(postgres.postgres, database=name)
    )
    with connect(postgres) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def migrated(database: Settings) -> Settings:
    migrate(database)
    return database
