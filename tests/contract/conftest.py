"""For tests of the stores Postgres has its schema."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from risk.config.settings import Settings
from sinks.postgres.migrations import migrate
from tests.databases import own_database


@pytest.fixture(scope="session")
def postgres(postgres: Settings) -> Settings:
    """Postgres is up, with its schema."""
    migrate(postgres)
    return postgres


@pytest.fixture
def database(postgres: Settings) -> Iterator[Settings]:
    """An empty database of the test's own."""
    with own_database(postgres) as settings:
        yield settings


@pytest.fixture(scope="session")
def schema(postgres: Settings) -> Iterator[str]:
    """A database that has the schema and nothing else, and is connected to by nobody."""
    with own_database(postgres) as settings:
        migrate(settings)
        yield settings.postgres.database


@pytest.fixture
def migrated(postgres: Settings, schema: str) -> Iterator[Settings]:
    """A database of the test's own, with the schema: a copy, as migrations take a while."""
    with own_database(postgres, schema) as settings:
        yield settings
