"""Messages as they are read from Kafka, where anybody may have written anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

_Message = TypeVar("_Message")


def decoder(kind: type[_Message]) -> Callable[[bytes | str], _Message]:
    """What decodes messages of that kind, in JSON. It raises `msgspec.DecodeError`, a `ValueError`.

    Members that aren't known are those of later versions, and left out. What msgspec raises besides
    for what is nested too deep and for what is no UTF-8 ended readers that expect its own errors.
    """
    decode = msgspec.json.Decoder(kind).decode

    def read(value: bytes | str) -> _Message:
        try:
            return decode(value)
        except RecursionError:
            raise msgspec.DecodeError("too many objects and lists, one in another") from None
        except UnicodeDecodeError as error:
            raise msgspec.DecodeError(f"not UTF-8: {error.reason}") from None

    return read
