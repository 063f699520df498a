"""Sessions: the browser has a random token, Postgres its hash, and nothing else signs in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

import msgspec

from risk.registry.session import Cursor
from risk.registry.users import Role
from sinks.sql import statement

TOKEN_BYTES: Final = 32


class Viewer(msgspec.Struct, frozen=True):
    """Who is signed in, as of this request."""

    name: str
    role: Role


def start(cursor: Cursor, name: str, lasts: timedelta, idle: timedelta, address: str) -> str:
    """The token of a new session, which ends after `lasts`, or `idle` without a request."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {
        "token_hash": digest(token),
        "name": name,
        "lasts": lasts,
        "idle": idle,
        "address": address,
    }
    cursor.execute(statement("sweep_sessions"))
    cursor.execute(statement("start_session"), values)
    return token


def find(cursor: Cursor, token: str, touch: bool = True) -> Viewer | None:
    """Whose session it is; None once it has ended or its user is disabled.

    With `touch` the session was used: its time without a request begins anew.
    """
    values = {"token_hash": digest(token)}
    row = cursor.execute(statement("find_session"), values).fetchone()
    if row is None:
        return None
    if touch:
        cursor.execute(statement("touch_session"), values)
    return msgspec.convert(row, Viewer)


def end(cursor: Cursor, token: str) -> None:
    """End a session."""
    cursor.execute(statement("end_session"), {"token_hash": digest(token)})


def end_all_of(cursor: Cursor, name: str) -> None:
    """End all sessions of a user."""
    cursor.execute(statement("end_sessions_of"), {"name": name})


def digest(token: str) -> bytes:
    """What is kept of a token. It is random, so a fast hash can't be searched."""
    return hashlib.sha256(token.encode()).digest()
