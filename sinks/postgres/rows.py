"""A message as the rows that are copied to Postgres, and what of it Postgres can't take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from risk.delivery import Message
from risk.event import MAX_EVENT_TIME
from risk.messages import Score

# A key of an index must fit into a third of a page.
MAX_ID_BYTES: Final = 512
_SMALL: Final = 2**15
_INT: Final = 2**31
_BIG: Final = 2**63

_encode = msgspec.json.Encoder().encode
Row = tuple[Any, ...]


def problem(message: Message) -> str | None:
    """Why Postgres would not take a message, as far as can be seen without asking it."""
    try:
        encoded = _encode(message)
    except UnicodeEncodeError:
        return "has a lone surrogate, which is no text"
    # As JSON a NUL is \u0000, but a text may also have these six characters: then look closer.
    if b"\\u0000" in encoded:
        for path, text in _texts("", msgspec.to_builtins(message)):
            if "\0" in text:
                return f"{path}: has a NUL character, which Postgres can't store"
    for name, value, low, high in _numbers(message):
        if not low <= value < high:
            return f"{name}: {value} is out of range"
    for name, text in _identifiers(message):
        if len(text) > MAX_ID_BYTES // 4 and len(text.encode()) > MAX_ID_BYTES:
            return f"{name}: longer than {MAX_ID_BYTES} bytes"
    if isinstance(message, Score):
        rules = {reason.rule for reason in message.reasons}
        if len(rules) < len(message.reasons):
            return "reasons: the same rule twice"
    return None


def score_row(score: Score) -> Row:
    """The row of staged_scores."""
    return (
        score.event_id,
        score.ruleset,
        score.ruleset_version,
        score.user_id,
        score.event_time,
        score.run_id,
        score.fingerprint,
        score.revision,
        score.score,
        score.decision,
        _encode(score.reasons).decode(),
        _encode(score.features).decode(),
        score.scored_at,
        score.kind,
    )


def transaction_row(message: Message) -> Row:
    """The row of staged_transactions."""
    txn = message.transaction
    scored = isinstance(message, Score)
    return (
        message.user_id,
        message.event_id,
        message.event_time,
        "scored" if scored else "late",
        txn.amount,
        txn.currency,
        txn.merchant_id,
        txn.merchant_category,
        txn.channel,
        txn.country,
        txn.ip,
        txn.device_id,
        txn.card_token,
        txn.source,
        txn.lat,
        txn.lon,
        None if isinstance(message, Score) else message.late_by,
        message.run_id,
    )


def _numbers(message: Message) -> Iterator[tuple[str, int, int, int]]:
    """Each number with the range that its column can hold: from, and up to but without."""
    yield "event_time", message.event_time, 0, MAX_EVENT_TIME + 1
    yield "transaction.amount", message.transaction.amount, -_BIG, _BIG
    if not isinstance(message, Score):
        yield "late_by", message.late_by, -_BIG, _BIG
        return
    yield "scored_at", message.scored_at, 0, MAX_EVENT_TIME + 1
    yield "ruleset_version", message.ruleset_version, -_INT, _INT
    yield "revision", message.revision, 0, _SMALL
    yield "score", message.score, -_SMALL, _SMALL
    for reason in message.reasons:
        yield "reasons.version", reason.version, -_INT, _INT
        yield "reasons.points", reason.points, -_INT, _INT


def _identifiers(message: Message) -> Iterator[tuple[str, str]]:
    """The texts that are part of an index."""
    yield "event_id", message.event_id
    yield "user_id", message.user_id
    if isinstance(message, Score):
        yield "ruleset", message.ruleset
        for reason in message.reasons:
            yield "reasons.rule", reason.rule


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
