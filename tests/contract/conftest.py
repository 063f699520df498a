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


@pytest.fixture
def migrated(database: Settings) -> Settings:
    migrate(database)
    return database
