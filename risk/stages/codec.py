"""State blobs: one version byte, then msgpack. Never pickle, so that any code can read them."""

from __future__ import annotations

from typing import Any

import msgspec

VERSION = 1

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class UnknownVersion(Exception):
    """The state was written by a codec that this code doesn't know."""


def pack(value: Any) -> bytes:
    """A blob of the current version."""
    return bytes((VERSION,)) + _encode(value)


def unpack(blob: bytes) -> Any:
    """What was packed. Raises `UnknownVersion`."""
    if not blob or blob[0] != VERSION:
        found = blob[0] if blob else "none"
        raise UnknownVersion(
            f"state of codec version {found}, this code reads version {VERSION}: "
            "start it from the code that wrote it, or without the savepoint"
        )
    return _decode(memoryview(blob)[1:])
