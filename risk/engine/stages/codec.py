"""State blobs: one version byte, then msgpack. Never pickle, so that any code can read them.

Version 1 held features under their names and a partition's offset apart from its highest time.
Up to version 2 a timeline's base reached to an event time and event_id, without the user_id.
Up to version 3 a batch of the catalogue's stages didn't say what its rows hold.
What this code writes is of the current version; what it reads may be of any in `READABLE`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from risk.engine import exact

VERSION: Final = 4
READABLE: Final = (1, 2, 3, 4)
_WITH_USER: Final = 3  # from this version on

_encode = exact.encode
_decode = exact.decode
_decode_upto = msgspec.msgpack.Decoder(tuple[tuple[int, str, str], msgspec.Raw]).decode
_decode_old_base = msgspec.msgpack.Decoder(tuple[tuple[int, str], msgspec.Raw]).decode
LAST_USER: Final = "\U0010ffff"  # no user_id sorts behind it
_PREFIX = bytes((VERSION,))


class UnknownVersion(Exception):
    """The state was written by a codec that this code doesn't know."""


def pack(value: Any) -> bytes:
    """A blob of the current version."""
    return _PREFIX + _encode(value)


def pack_saved(base: bytes) -> bytes:
    """`pack` of what is msgpack already: a timeline's base."""
    return _PREFIX + base


def unpack(blob: bytes) -> Any:
    """What was packed. Raises `UnknownVersion`."""
    _check(blob)
    return _decode(memoryview(blob)[1:])


def unpack_saved(blob: bytes) -> bytes:
    """What `pack_saved` was given. Raises `UnknownVersion`."""
    _check(blob)
    if blob[0] < _WITH_USER:
        (time, event_id), rest = _decode_old_base(memoryview(blob)[1:])
        return _encode(((time, event_id, LAST_USER), rest))
    return blob[1:]


def move_saved(base: bytes, move: Callable[[list[Any]], list[Any]]) -> bytes:
    """The same base with its fold's parts moved."""
    upto, fold = _decode(base)
    return _encode((upto, move(fold)))


def upto_of(base: bytes) -> tuple[int, str, str]:
    """To where a timeline's base reaches."""
    return _decode_upto(base)[0]


def _check(blob: bytes) -> None:
    if not blob or blob[0] not in READABLE:
        found = blob[0] if blob else "none"
        raise UnknownVersion(
            f"state of codec version {found}, this code reads versions up to {VERSION}: "
            "start it from the code that wrote it, or without the savepoint"
        )
