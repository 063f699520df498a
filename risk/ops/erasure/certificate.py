"""What is certified of an erasure: no user_id stands in it. Pure."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import msgspec

_canonical = msgspec.json.Encoder(order="sorted").encode


class Removed(msgspec.Struct, frozen=True):
    """What was removed of one kind in one place, and what is there of it now: nothing, if all went
    well.
    """

    where: str
    what: str
    removed: int
    left: int


class Remains(msgspec.Struct, frozen=True):
    """What is not removed, and why. `records` None: not counted; `until` None: see `why`."""

    where: str
    records: int | None
    until: datetime | None
    why: str


class Certificate(msgspec.Struct, frozen=True):
    """Who erased whom, when, what is gone and what is not yet.

    `user` is the salted hash by which the stores know whom to refuse. Payments up to the event time
    `upto` were erased. `sha256` is of all else, as JSON with sorted keys and without blanks.
    """

    erasure: int
    user: str
    upto: datetime
    by: str
    reason: str
    started_at: datetime
    finished_at: datetime
    removed: list[Removed]
    remains: list[Remains]
    schema_version: int = 1
    sha256: str = ""

    @property
    def left(self) -> int:
        """How much is still there that was to go."""
        return sum(one.left for one in self.removed)


def sealed(certificate: Certificate) -> Certificate:
    """With its hash."""
    return msgspec.structs.replace(certificate, sha256=digest(certificate))


def digest(certificate: Certificate) -> str:
    """The hash of what it says."""
    said = msgspec.to_builtins(certificate)
    del said["sha256"]
    return sha256(_canonical(said)).hexdigest()


def encode(certificate: Certificate) -> bytes:
    """As a file, for people and programs."""
    return msgspec.json.format(msgspec.json.encode(certificate), indent=2) + b"\n"


def decode(data: bytes) -> Certificate:
    """What a file says. Raises `ValueError` for what is none, or was changed."""
    found = msgspec.json.decode(data, type=Certificate)
    if found.sha256 != digest(found):
        raise ValueError("sha256: it is not that of the certificate: it was changed")
    return found
