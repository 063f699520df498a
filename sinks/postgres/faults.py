"""Which of Postgres's errors are about what was written, which pass, and which may be either."""

from __future__ import annotations

from typing import Final, Literal

import psycopg
from psycopg import errors

Fault = Literal["content", "doubtful", "passing"]

# About a row, and would be said again of it: a value or a constraint, or a trigger's own word.
CONTENT: Final = (
    psycopg.DataError,
    psycopg.IntegrityError,
    errors.ProgramLimitExceeded,
    errors.RaiseException,
    errors.WithCheckOptionViolation,
)
# The server failed at something: it may be this row, on which a trigger fails, or its own state.
DOUBTFUL: Final = (
    errors.InternalError_,
    errors.AssertFailure,
    errors.ExternalRoutineException,
    errors.ExternalRoutineInvocationException,
    errors.FeatureNotSupported,
)


# Where the server's source speaks to its files. What it has no code for it calls an internal error,
# too: beyond a quota, larger than a file may be, a file system that is gone.
_STORAGE: Final = frozenset(
    {
        *("md.c", "smgr.c", "fd.c", "buffile.c", "fileset.c", "sharedfileset.c", "bufmgr.c"),
        *("slru.c", "xlog.c", "logtape.c", "tuplestore.c", "copydir.c", "dsm_impl.c"),
    }
)


def fault(error: BaseException) -> Fault:
    """What an error is about.

    What isn't listed passes: connections, locks, a full disk, a schema that isn't this version's.
    """
    if isinstance(error, CONTENT):
        return "content"
    if isinstance(error, psycopg.Error) and error.diag.source_file in _STORAGE:
        return "passing"
    return "doubtful" if isinstance(error, DOUBTFUL) else "passing"


def kind(error: psycopg.Error) -> str:
    """Alike for rows that are refused for the same reason: the SQLSTATE and what it is of."""
    named = error.diag.constraint_name or error.diag.column_name or ""
    return ":".join(filter(None, (error.sqlstate or type(error).__name__, named)))
