"""Dead letters: a record as it came, and what is wrong with it. None is larger than Kafka takes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from flink_jobs.lines import FIELD, NULL, RECORD
from risk.config.privacy import Privacy
from risk.engine import quoted
from risk.engine.payment.redaction import redact, redact_text
from risk.engine.stages.base import LeftOut, Raw

CONNECT: Final = "__connect.errors."  # Kafka Connect's names, for whoever knows these
HEADERS: Final = (
    *(CONNECT + name for name in ("topic", "partition", "offset", "stage")),
    *(CONNECT + name for name in ("exception.class.name", "exception.message")),
    *("risk.key.size", "risk.key.sha256", "risk.value.size", "risk.value.sha256"),
)
INTERNAL_ERROR: Final = "internal_error"  # the reason of a record that scoring itself fails on
FAILED: Final = "score"  # and the stage
INVALID: Final = "invalid_message"  # the reason of a record that its topic should not have
REFUSED: Final = "refused"  # the reason of what a store never takes
LATE_VERDICT: Final = "late_verdict"  # the reason of a verdict that counts for nothing
MOST_TEXT: Final = 500  # characters of a message: it may name what the sender made up
PRIVACY: Final = Privacy()
ENVELOPE: Final = 16_384  # bytes: a letter's headers, and what Kafka puts around it, have less


def dead_letter(
    topic: str,
    raw: Raw,
    stage: str,
    reason: str,
    message: str,
    most_bytes: int,
    privacy: Privacy = PRIVACY,
) -> str:
    """The line of a dead letter.

    `most_bytes` is the size of the largest record that the broker takes. Where the letter would be
    larger, the value, and then the key, is told by its size and SHA-256 alone. Card numbers are
    masked, and in the message what `privacy` keeps out of logs.
    """
    message = quoted.without(message, quoted.values_of_record(raw.key, raw.value), privacy)
    fault = raw.fault
    key, value = raw.key, raw.value
    left_key, left_value = (fault.key, fault.value) if fault else (None, None)
    room = max(0, most_bytes - ENVELOPE)
    if value is not None and len(key or b"") + len(value) > room:
        left_value, value = left_out(value), None
    if key is not None and len(key) > room:
        left_key, key = left_out(key), None
    headers = (
        *(clean(topic), str(raw.partition), str(raw.offset), clean(stage)),
        *(clean(reason), clean(redact_text(message))),
        *_told(left_key),
        *_told(left_value),
    )
    return FIELD.join((*headers, _text(redact(key)), _text(redact(value))))


def record(line: str) -> tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]:
    """Key, value and headers of the record that a line becomes (`results.dlq_records`, in SQL)."""
    *told, key, value = line.split(FIELD)
    headers = zip(HEADERS, told, strict=True)
    return _bytes(key), _bytes(value), [(n, one.encode()) for n, one in headers if one != NULL]


def place(
    headers: Iterable[tuple[str, bytes | None]], topic: str, reason: str
) -> tuple[int, int] | None:
    """Of which record of a topic scoring says so for that reason, by partition and offset.

    None if the headers are of another letter.
    """
    told = {name.removeprefix(CONNECT): value or b"" for name, value in headers}
    stage = told.get("stage", b"").split(b".")[0]
    said = told.get("topic"), told.get("exception.class.name"), stage
    if said != (topic.encode(), reason.encode(), FAILED.encode()):
        return None
    try:
        return int(told.get("partition", b"")), int(told.get("offset", b""))
    except ValueError:
        return None


def clean(text: str) -> str:
    """Free text without the separators, and no longer than it helps."""
    if len(text) > MOST_TEXT:
        text = text[: MOST_TEXT - 1] + "\u2026"
    return "".join(c if c < RECORD or c > _LAST else "?" for c in text)


_LAST: Final = "\u0104"  # of the separators


def left_out(raw: bytes) -> LeftOut:
    """What is told of bytes that don't travel."""
    return LeftOut(len(raw), hashlib.sha256(raw).hexdigest())


def _told(left: LeftOut | None) -> tuple[str, str]:
    return (NULL, NULL) if left is None else (str(left.size), left.sha256)


def _text(raw: bytes | None) -> str:
    return NULL if raw is None else raw.decode("latin-1")


def _bytes(text: str) -> bytes | None:
    return None if text == NULL else text.encode("latin-1")
