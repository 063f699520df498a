"""Whose payments no store takes any more: a list of salted hashes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, Protocol, TypeVar

import msgspec

SALT_BYTES: Final = 32


class Payment(Protocol):
    """What is asked of a message: a score, a late payment, an alert."""

    @property
    def user_id(self) -> str:
        """Whose payment it is."""
        raise NotImplementedError

    @property
    def event_time(self) -> int:
        """When it was, in ms UTC."""
        raise NotImplementedError


_Message = TypeVar("_Message", bound=Payment)


class Erased(msgspec.Struct, frozen=True):
    """The list. `users` has by hash the event time, in ms UTC, up to which a user was erased.

    Payments after it are those of a new customer. The salt keeps hashes of two installations apart,
    and hides no user_id from whoever has it and can guess the id.
    """

    salt: bytes
    users: dict[str, int] = {}

    def hash_of(self, user_id: str) -> str:
        """The user as the list names them: 64 hexadecimal digits."""
        return hash_of(self.salt, user_id)

    def hashes_of(self, batch: Sequence[Payment]) -> list[bytes]:
        """The users of a batch as the list's rows name them, each once."""
        return [bytes.fromhex(self.hash_of(user)) for user in {one.user_id for one in batch}]

    def holds(self, user_id: str, event_time: int) -> bool:
        """Whether a payment at that event time was erased with its user."""
        return bool(self.users) and event_time <= self.users.get(self.hash_of(user_id), -1)

    def split(self, batch: Sequence[_Message]) -> tuple[list[int], list[int]]:
        """Where in a batch those stand that are to be written, and those that were erased."""
        kept: list[int] = []
        gone: list[int] = []
        known: dict[str, int] = {}  # a batch has a user more than once
        for at, one in enumerate(batch):
            if self.users and one.user_id not in known:
                known[one.user_id] = self.users.get(self.hash_of(one.user_id), -1)
            (gone if one.event_time <= known.get(one.user_id, -1) else kept).append(at)
        return kept, gone

    def added(self, user_hash: str, upto: int) -> Erased:
        """The list with one more; an earlier erasure of the same user never cuts it short."""
        later = max(upto, self.users.get(user_hash, -1))
        return Erased(self.salt, {**self.users, user_hash: later})


def hash_of(salt: bytes, user_id: str) -> str:
    """SHA-256 of salt and user_id, in hexadecimal digits."""
    return sha256(salt + user_id.encode()).hexdigest()


def of_rows(salt: bytes, rows: Mapping[bytes, Any]) -> Erased:
    """The list out of hashes as bytes, each with its event time."""
    return Erased(salt, {key.hex(): int(upto) for key, upto in rows.items()})
