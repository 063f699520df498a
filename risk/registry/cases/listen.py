"""Steps of cases as they are committed, by LISTEN: `sql/postgres/append_case_event.sql` tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
import psycopg

from risk.config.settings import Settings
from risk.registry.cases.session import CHANNEL
from sinks.postgres.connect import connect, unavailable

ANSWER_MS: Final = 2_000
TURN_S: Final = 0.5  # the longest that is waited for a step
QUIET_S: Final = 5.0  # then Postgres is asked whether it is still there


class Changed(msgspec.Struct, frozen=True):
    """A step: of which case, its revision after it, and the id of its line in the trail."""

    case: int
    revision: int
    step: str
    event: int = 0


@contextmanager
def listening(settings: Settings) -> Iterator[Callable[[], list[Changed]]]:
    """Gives what tells the steps committed since it was last asked, once there are some, or none
    after half a second. All are told of that end after the block is entered. Raises `Unavailable`.
    """
    try:
        with connect(settings, ANSWER_MS) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            heard = time.monotonic()

            def come() -> list[Changed]:
                nonlocal heard
                told = [one.payload for one in connection.notifies(timeout=TURN_S, stop_after=1)]
                if told:
                    heard = time.monotonic()
                elif time.monotonic() - heard > QUIET_S:
                    connection.execute("SELECT 1")
                    heard = time.monotonic()
                return [one for one in map(_decoded, told) if one is not None]

            yield come
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def _decoded(text: str) -> Changed | None:
    """None for what somebody else said on the channel."""
    try:
        return msgspec.json.decode(text, type=Changed)
    except msgspec.DecodeError:
        return None
