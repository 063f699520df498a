"""A transaction about cases, in the role that can't change the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from risk.config.settings import Settings
from risk.registry.session import Cursor, session
from sinks.sql import statement

CHANNEL = "cases"  # of NOTIFY: {"case": id, "revision": n, "step": …} with each step


@contextmanager
def within(where: Settings | Cursor) -> Iterator[Cursor]:
    """A transaction of its own, or the caller's. Raises `Unavailable`."""
    if not isinstance(where, Settings):
        yield where
        return
    with session(where) as cursor:
        cursor.execute(statement("take_cases_role"))
        yield cursor
