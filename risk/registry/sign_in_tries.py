"""Failed sign-ins by user and by address, and how long the next try has to wait."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from risk.registry.session import Cursor
from sinks.sql import statement

# So many failures are free; the next waits for the first pause, and each after that twice as long.
# Many people may share an address.
FREE: Final = {"user": 5, "address": 30}
FIRST_S: Final = 30
LONGEST_S: Final = 900

Keys = Mapping[str, str]  # "user" and "address" to what they are


def pause_s(kind: str, failures: int) -> int:
    """Seconds until the next try may be, after so many failures in a row."""
    over = failures - FREE[kind]
    return 0 if over < 0 else int(min(LONGEST_S, FIRST_S * 2 ** min(over, 10)))


def count(cursor: Cursor, keys: Keys) -> float | None:
    """Count a try as a failure. None if it may be made, else the seconds until one may be."""
    longest: float | None = None
    for kind in sorted(keys):  # always in one order, so that two never wait for each other
        values = {"kind": kind, "key_hash": digest(kind, keys[kind])}
        row = cursor.execute(statement("count_try"), values).fetchone()
        if row is None:
            found = cursor.execute(statement("try_locked"), values).fetchone()
            longest = max(longest or 0.0, found["wait_s"] if found else 1.0)
        elif pause := pause_s(kind, row["failures"]):
            cursor.execute(statement("lock_try"), {**values, "wait": timedelta(seconds=pause)})
    return longest


def forget(cursor: Cursor, keys: Keys) -> None:
    """The try that was counted was right."""
    cursor.execute(statement("sweep_tries"))
    for kind in sorted(keys):
        cursor.execute(statement("forget_try"), {"key_hash": digest(kind, keys[kind])})


def digest(kind: str, key: str) -> bytes:
    """What is kept of a name or an address: somebody's password may stand in the wrong field."""
    return hashlib.sha256(f"{kind}:{key}".encode(errors="surrogatepass")).digest()
