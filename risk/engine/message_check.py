"""What makes a message one that every store takes, beyond the types of `risk.engine.messages`."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, Final

import msgspec

from risk.engine.features.catalogue import TYPES, FeatureValue
from risk.engine.messages import Late, Score

Message = Score | Late

MOST: Final = 2**63 - 1  # as an integer: a column of 64 bits, and an Elasticsearch long
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


def problem(message: Message, value: bytes) -> str | None:
    """Why a decoded message would not be taken, with the field's name; None if it would.

    `value` is what it was decoded from. A NUL stands in it as \\u0000, but these may also be six
    characters of a text: only then all texts are looked at.
    """
    if b"\\u0000" in value:
        for path, text in _texts("", msgspec.to_builtins(message)):
            if "\0" in text:
                return f"{path}: has a NUL character, which is no text"
    txn = message.transaction
    if txn.ip and not _is_address(txn.ip):
        return "transaction.ip: neither an IPv4 nor an IPv6 address"
    if (txn.lat is None) != (txn.lon is None):
        return "transaction.lat, transaction.lon: one without the other"
    if isinstance(message, Late):
        return None
    if len({reason.rule for reason in message.reasons}) < len(message.reasons):
        return "reasons: the same rule twice"
    for name, feature in message.features.items():
        if wrong := _feature_problem(name, feature):
            return f"features.{name[:64]}: {wrong}".replace("\0", "")
    return None


def _feature_problem(name: str, value: FeatureValue) -> str | None:
    """One that isn't in the catalogue may be of a later version: it is only kept."""
    if not _NAME.fullmatch(name):
        return "no name of a feature: small letters, digits and _, from a letter on"
    kind = TYPES.get(name)
    if isinstance(value, bool):
        return None if kind in (None, "bool") else f"{value} is no {kind}"
    if kind == "bool" or (kind == "int" and isinstance(value, float)):
        return f"{value} is no {kind}"
    if not (isfinite(value) if isinstance(value, float) else -MOST - 1 <= value <= MOST):
        return f"{value} is out of range"
    if kind is not None and value < 0:
        return f"{value} is negative"
    return None


@lru_cache(maxsize=16_384)
def _is_address(text: str) -> bool:
    try:
        return "%" not in text and bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text inside of a message, keys too, with the path to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            inner = f"{path}.{key}" if path else str(key)
            yield inner.replace("\0", ""), str(key)
            yield from _texts(inner, part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(path, part)
