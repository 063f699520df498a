"""Who may use the console, and in which role."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from risk.registry.session import Cursor
from sinks.sql import statement

Role = Literal["viewer", "analyst", "lead", "admin"]


class User(msgspec.Struct, frozen=True):
    """One who may sign in. Without `password_hash`, through OpenID Connect alone."""

    name: str
    role: Role
    password_hash: str | None
    disabled_at: datetime | None


class Listed(msgspec.Struct, frozen=True):
    """A user as lists show one: never with the hash."""

    name: str
    role: Role
    has_password: bool
    created_at: datetime
    signed_in_at: datetime | None
    disabled_at: datetime | None


def add(cursor: Cursor, name: str, role: Role, password_hash: str | None) -> bool:
    """Whether the user was added: False if there is one of that name."""
    values = {"name": name, "role": role, "password_hash": password_hash}
    return cursor.execute(statement("add_user"), values).fetchone() is not None


def find(cursor: Cursor, name: str) -> User | None:
    """The user of that name, disabled or not."""
    row = cursor.execute(statement("find_user"), {"name": name}).fetchone()
    return msgspec.convert(row, User) if row else None


def listed(cursor: Cursor) -> list[Listed]:
    """All users, the disabled ones last."""
    return msgspec.convert(cursor.execute(statement("list_users")).fetchall(), list[Listed])


def set_password(cursor: Cursor, name: str, password_hash: str) -> bool:
    """Whether there is such a user, who has the new password now."""
    values = {"name": name, "password_hash": password_hash}
    return cursor.execute(statement("set_password"), values).fetchone() is not None


def rehash(cursor: Cursor, name: str, old: str, new: str) -> None:
    """Keep the same password as a newer hash, unless it was changed meanwhile."""
    cursor.execute(statement("rehash_password"), {"name": name, "old": old, "new": new})


def set_role(cursor: Cursor, name: str, role: Role) -> bool:
    """Whether there is such a user, whose next request is in the new role."""
    values = {"name": name, "role": role}
    return cursor.execute(statement("set_role"), values).fetchone() is not None


def disable(cursor: Cursor, name: str, disabled: bool = True) -> bool:
    """Whether there is such a user, who can't sign in any more, or can again."""
    values = {"name": name, "disabled": disabled}
    return cursor.execute(statement("disable_user"), values).fetchone() is not None


def note_sign_in(cursor: Cursor, name: str) -> None:
    """Note that the user has signed in now."""
    cursor.execute(statement("note_sign_in"), {"name": name})
