"""Passwords, as argon2id hashes. To check one takes as long for a user who isn't there."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from risk.errors import UserError

SHORTEST: Final = 12
LONGEST: Final = 256
AT_ONCE: Final = 2  # each takes a core for a while, and scoring needs it, too
MEMORY_KIB: Final = 47_104

# The first of OWASP's parameters for argon2id: as hard as others, on one core and soon done.
_hasher: Final = PasswordHasher(time_cost=1, memory_cost=MEMORY_KIB, parallelism=1)
_turn: Final = threading.BoundedSemaphore(AT_ONCE)


def check(password: str, name: str) -> None:
    """Raises `UserError` with what a password must be, if it isn't."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UserError(f"password: {SHORTEST} to {LONGEST} characters are needed")
    if not password.isprintable():
        raise UserError("password: it holds a control character")
    if len(set(password)) < 5 or name in password.lower():
        raise UserError("password: too easy to guess: take several words that don't go together")


def hashed(password: str) -> str:
    """The hash, with its parameters and salt in it."""
    with _turn:
        return _hasher.hash(_composed(password))


def is_right(password: str, known: str | None) -> bool:
    """Whether it is the password of this hash. Without one it takes as long, and it isn't."""
    if len(password) > LONGEST:
        return False
    with _turn:
        try:
            return _hasher.verify(known or _nobody(), _composed(password)) and known is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(known: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(known)


def _composed(password: str) -> bytes:
    """The same text typed on two keyboards is the same bytes."""
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
