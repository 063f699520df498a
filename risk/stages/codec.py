"""State blobs: one version byte, then msgpack. Never pickle, so that any code can read them.

Version 1 held features under their names and a partition's offset apart from its highest time.
What this code writes is of the current version; what it reads may be of any in `READABLE`.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

VERSION: Final = 2
READABLE: Final = (1, 2)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
_PREFIX = bytes((VERSION,))


class UnknownVersion(Exception):
    """The state was written by a codec that this code doesn't know."""


def pack(value: Any) -> bytes:
    """A blob of the current version."""
    return _PREFIX + _encode(value)


def unpack(blob: bytes) -> Any:
    """What was packed. Raises `UnknownVersion`."""
    if not blob or blob[0] not in READABLE:
        found = blob[0] if blob else "none"
        raise UnknownVersion(
            f"state of codec version {found}, this code reads versions up to {VERSION}: "
            "start it from the code that wrote it, or without the savepoint"
        )
    return _decode(memoryview(blob)[1:])
