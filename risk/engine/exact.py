"""msgpack that holds whole numbers of any size, as state has to: nothing bounds a sum."""

from __future__ import annotations

from typing import Any, Final

import msgspec

# msgpack ends at 64 bits. A larger number is an extension of this type: its decimal digits.
_DIGITS: Final = 1

_encode = msgspec.msgpack.Encoder().encode


def encode(value: Any) -> bytes:
    """Lists, tuples, sets, dicts and structs of plain values as msgpack."""
    try:
        return _encode(value)
    except OverflowError:
        return _encode(_spelled(value))


def extension(code: int, data: memoryview) -> int:
    """A number that msgpack has none for: the `ext_hook` of every decoder of state."""
    if code != _DIGITS:
        raise ValueError(f"msgpack extension {code} is unknown")
    return int(bytes(data))


decode = msgspec.msgpack.Decoder(ext_hook=extension).decode


def _spelled(value: Any) -> Any:
    if isinstance(value, int):
        within = -(2**63) <= value < 2**64
        return value if within else msgspec.msgpack.Ext(_DIGITS, str(value).encode())
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.astuple(value)
    if isinstance(value, list | tuple | set):
        return [_spelled(part) for part in value]
    if isinstance(value, dict):
        return {_spelled(key): _spelled(part) for key, part in value.items()}
    return value
