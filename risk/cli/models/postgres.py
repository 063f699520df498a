"""What commands that ask Postgres share: their settings, and moments as they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.settings import home, load_settings
from risk.stack.secrets import with_generated

MOST_ROWS = 1_000_000


@contextmanager
def registry() -> Iterator[Settings]:
    """The settings with which Postgres is asked. Raises `UserError` if it can't be."""
    try:
        settings = load_settings()
        yield with_generated(settings, home(settings))
    except (Unavailable, StackError) as error:
        raise UserError(str(error)) from None


def moment(found: datetime) -> str:
    """A moment in UTC, to the second."""
    return found.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
