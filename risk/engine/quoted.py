"""What logs and the texts of errors quote of a payment, and the text without it. Pure.

Whatever fails on a payment may quote it: a store that refuses a row, a rule that was given a value
that it wasn't written for. Where the payment is at hand, its values are found in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec

from risk.config.privacy import Privacy, Told
from risk.engine.feedback import Logged
from risk.engine.privacy import hashed

MARK: Final = "•••"
LARGE: Final = 65_536  # bytes: of a larger record only the key is looked for
_MEMBERS: Final = ("user_id", "ip", "device_id", "card_token", "lat", "lon", "note")
_NESTED: Final = "transaction"
_ANYTHING: Final = ("attributes", "undeclared")  # whatever a member of these is called
_decode = msgspec.json.Decoder().decode


def values(of: Any) -> frozenset[str]:
    """What points at a person in a message: a mapping or a struct, with what is nested in it."""
    return frozenset(_values(of))


def values_of_record(key: bytes | None, value: bytes | None) -> frozenset[str]:
    """The same of a record of Kafka, which may be anything. Its key is a user_id."""
    found = {key.decode("utf-8", "replace")} if key else set()
    if value and len(value) <= LARGE:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            found |= values(_decode(value))
    return frozenset(found - {""})


def event_of(value: bytes | None) -> str | None:
    """The event_id in a record of Kafka, if it can be read."""
    if not value or len(value) > LARGE:
        return None
    try:
        found = _decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    event_id = found.get("event_id") if isinstance(found, dict) else None
    return event_id if isinstance(event_id, str) else None


def without(text: str, quoted: Iterable[str], privacy: Privacy) -> str:
    """The text as logs may have it: each of these values as `privacy.logs` says."""
    if privacy.logs == "clear":
        return text
    spelled = {way for value in quoted if value for way in _spelled(value, text)}
    found = sorted(spelled, key=len, reverse=True)  # one may be a part of another
    if not found:
        return text
    pattern = "|".join(map(re.escape, found))
    # Not within a word: a user may be called `a`.
    return re.sub(
        rf"(?<!\w)(?:{pattern})(?!\w)", lambda match: told(match[0], privacy.logs, privacy), text
    )


def _spelled(value: str, text: str) -> Iterator[str]:
    """How a text quotes a value, if it does. A pattern of all that a sender makes up is large."""
    if value in text:
        yield value
    # No `repr` of what is longer than the text: it would be longer still.
    if len(value) <= len(text) and (way := repr(value)[1:-1]) in text:
        yield way


def told(value: str, way: Told, privacy: Privacy) -> str:
    """A value as this way tells it."""
    if way == "clear":
        return value
    if way == "hash":
        return hashed(value, privacy.salt or "")
    return MARK


def _values(of: Any) -> Iterator[str]:
    if isinstance(of, msgspec.Struct):
        of = msgspec.structs.asdict(of)
    elif isinstance(of, Logged):
        of = msgspec.structs.asdict(of.feedback)
    if not isinstance(of, Mapping):
        return
    for name in _MEMBERS:
        yield from _texts(of.get(name))
    yield from _values(of.get(_NESTED))
    for name in _ANYTHING:
        if isinstance(nested := of.get(name), Mapping):
            for one in nested.values():
                yield from _texts(one)


def _texts(value: object) -> Iterator[str]:
    """A value as a text may quote it. A truth value and a small number say nothing of anybody."""
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, float) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) > 999
    ):
        yield str(value)
