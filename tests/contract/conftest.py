"""For tests of the stores Postgres has its schema."""

from __future__ import annotations

import pytest

from risk.settings import Settings
from sinks.migrate import migrate


@pytest.fixture(scope="session")
def postgres(postgres: Settings) -> Settings:
    """Postgres is up, with its schema."""
    migrate(postgres)
    return postgres
