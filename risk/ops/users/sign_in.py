"""Signing in: a session for who proves to be a user, a longer and longer wait for who doesn't."""

from __future__ import annotations

import math
from datetime import timedelta

from risk.config.console import Console
from risk.ops.users import passwords
from risk.ops.users.manage import normal
from risk.registry import sessions, sign_in_tries, users
from risk.registry.pool import Pool
from risk.registry.session import Cursor


class Refused(Exception):
    """Not signed in; the message is for who tried, and doesn't say what was wrong."""


class Locked(Refused):
    """There were too many failures: the next try may be in `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = max(1, math.ceil(wait_s))
        super().__init__(f"Too many failed tries. Try again in {_told(self.wait_s)}.")


def with_password(pool: Pool, console: Console, name: str, password: str, address: str) -> str:
    """The token of a new session. Raises `Refused`, `Locked` and `Unavailable`."""
    name = normal(name)
    keys = {"user": name, "address": address}
    with pool.session() as cursor:
        wait_s = sign_in_tries.count(cursor, keys)
    if wait_s is not None:
        raise Locked(wait_s)
    with pool.session() as cursor:
        user = users.find(cursor, name) if "\0" not in name else None
    known = user.password_hash if user else None
    right = passwords.is_right(password, known)
    if not right or user is None or known is None or user.disabled_at is not None:
        raise Refused("Name or password is wrong.")
    newer = passwords.hashed(password) if passwords.is_outdated(known) else None
    with pool.session() as cursor:
        sign_in_tries.forget(cursor, keys)
        if newer:
            users.rehash(cursor, name, known, newer)
        users.note_sign_in(cursor, name)
        return _session(cursor, console, name, address)


def with_claim(pool: Pool, console: Console, name: str, address: str) -> str:
    """The token of a new session for whom a provider vouches. Raises `Refused`, `Unavailable`."""
    name = normal(name)
    with pool.session() as cursor:
        user = users.find(cursor, name) if "\0" not in name else None
        if user is None or user.disabled_at is not None:
            raise Refused(f"{name} is not a user here. An admin can add you.")
        users.note_sign_in(cursor, name)
        return _session(cursor, console, name, address)


def _session(cursor: Cursor, console: Console, name: str, address: str) -> str:
    lasts, idle = timedelta(hours=console.session_hours), timedelta(minutes=console.idle_minutes)
    return sessions.start(cursor, name, lasts, idle, address)


def _told(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
