"""Keys of the HTTP API: made once, known by their SHA-256 alone, revoked, and never forgotten.

A key is `rk_<prefix>_<secret>`. Its secret has 256 bits of randomness: a plain hash is as good as a
slow one, as there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from datetime import datetime
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from risk.config.settings import Settings
from risk.registry.session import session
from sinks.sql import statement

Scope = Literal[
    "payments:write", "payments:read", "alerts:read", "feedback:write", "sensitive:read"
]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
KEY: Final = re.compile(r"rk_([0-9a-z]{8})_[A-Za-z0-9_-]{43}")
_LETTERS: Final = string.digits + string.ascii_lowercase


class Key(msgspec.Struct, frozen=True):
    """What is known of a key. `rate` is per second; both limits are None for the settings' own."""

    prefix: str
    name: str
    sha256: bytes
    scopes: tuple[Scope, ...]
    rate: int | None
    burst: int | None
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None
    revoked_by: str | None = None


class NameTaken(Exception):
    """A key of that name is in use."""


class Made(NamedTuple):
    """A new key: its text is nowhere else."""

    text: str
    prefix: str


def add(
    settings: Settings,
    name: str,
    scopes: tuple[Scope, ...],
    by: str,
    rate: int | None = None,
    burst: int | None = None,
) -> Made:
    """Make a key. Raises `NameTaken` and `Unavailable`."""
    prefix = "".join(secrets.choice(_LETTERS) for _ in range(8))
    text = f"rk_{prefix}_{secrets.token_urlsafe(32)}"
    values = {
        "prefix": prefix,
        "name": name,
        "sha256": digest(text),
        "scopes": list(scopes),
        "rate": rate,
        "burst": burst,
        "created_by": by,
    }
    with session(settings) as cursor:
        if cursor.execute(statement("add_api_key"), values).fetchone() is None:
            raise NameTaken(name)
    return Made(text, prefix)


def keys(settings: Settings, revoked: bool = False) -> list[Key]:
    """Those in use, or all that ever were, by name. Raises `Unavailable`."""
    with session(settings) as cursor:
        rows = cursor.execute(statement("list_api_keys"), {"revoked": revoked}).fetchall()
    return msgspec.convert(rows, list[Key])


def revoke(settings: Settings, which: str, by: str) -> bool:
    """Whether a key in use had that name or prefix: it has no longer. Raises `Unavailable`."""
    values = {"which": which, "revoked_by": by}
    with session(settings) as cursor:
        return cursor.execute(statement("revoke_api_key"), values).fetchone() is not None


def digest(text: str) -> bytes:
    """The SHA-256 of a key, 32 bytes."""
    return hashlib.sha256(text.encode()).digest()
