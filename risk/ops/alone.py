"""One command at a time changes which jobs run.

Two would disturb one another in more than the live job: each looks first at what runs, and replaces
the idle TaskManagers by fresh ones, also those that another has just started for its own job.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import UserError
from risk.registry.change_lock import Busy, ChangeLock, change_lock


@contextmanager
def alone(settings: Settings, what: str) -> Iterator[ChangeLock]:
    """Run as the only one that changes it. Raises `UserError` if another does, `Unavailable`."""
    try:
        with change_lock(settings, what) as lock:
            yield lock
    except Busy as error:
        raise UserError(str(error)) from None


@contextmanager
def alone_if_possible(settings: Settings, what: str) -> Iterator[None]:
    """The same; without Postgres, where a promotion couldn't be under way either, just run."""
    with ExitStack() as stack:
        with suppress(Unavailable):
            stack.enter_context(alone(settings, what))
        yield
