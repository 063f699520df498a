"""Writes what Postgres takes of a batch, and finds what it doesn't."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import psycopg
from psycopg import errors

from risk.engine.delivery import Refused, Written
from sinks.postgres.connect import one_line, unavailable
from sinks.postgres.faults import fault, kind

_Message = TypeVar("_Message")


def write(
    batch: Sequence[_Message],
    at_once: Callable[[Sequence[_Message]], Written],
    close: Callable[[], None],
    first: int = 0,
) -> Written:
    """Write with `at_once`, which is a database transaction, what can be.

    What Postgres doesn't take is found by halving the batch; one that is too much for the time that
    a statement may take is written in halves, too. `close` drops a connection that is in doubt:
    `at_once` then makes another. Refusals count from `first`, as does what is in doubt. Raises
    `Unavailable`.
    """
    try:
        return at_once(batch)
    except errors.QueryCanceled as error:
        if len(batch) == 1:
            close()
            raise unavailable(error) from error
    except (psycopg.Error, OSError) as error:
        about = fault(error)
        if about == "passing" or not isinstance(error, psycopg.Error):
            close()
            raise unavailable(error) from error
        if len(batch) == 1:
            found = (Refused(first, one_line(error), kind(error)),)
            return Written(refused=found) if about == "content" else Written(doubtful=found)
    middle = len(batch) // 2
    one = write(batch[:middle], at_once, close, first)
    other = write(batch[middle:], at_once, close, first + middle)
    return Written(
        one.rows + other.rows,
        one.older + other.older,
        one.refused + other.refused,
        one.doubtful + other.doubtful,
        one.erased + other.erased,
    )
