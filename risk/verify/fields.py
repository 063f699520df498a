"""Two messages or rows, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


def fields_of(message: Any) -> Mapping[str, Any]:
    """A message's or row's fields by name."""
    if isinstance(message, msgspec.Struct):
        return {name: getattr(message, name) for name in message.__struct_fields__}
    named: Mapping[str, Any] = message._asdict()
    return named


def different(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """The first fields that differ, in words; empty if none does."""
    wrong: list[str] = []
    for name, value in wanted.items():
        other = found[name]
        if isinstance(value, dict) and isinstance(other, dict):
            if set(value) != set(other):
                wrong.append(f"{name} are {sorted(other)}")
            else:
                inner = different(other, value)
                wrong += [f"{name}: {inner}"] if inner else []
        elif value != other or type(value) is not type(other):
            wrong.append(f"{name} is {_short(other)} and should be {_short(value)}")
    return "; ".join(wrong[:4])


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
