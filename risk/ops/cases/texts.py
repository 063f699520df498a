"""Texts that people write: what can't be is refused before it reaches Postgres or Kafka."""

from __future__ import annotations

import re
from typing import Final

from risk.engine.feedback import MAX_NOTE
from risk.engine.payment import names
from risk.engine.payment.redaction import redact_text
from risk.ops.refusal import Invalid

MAX_NAME: Final = 128
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")


def checked_name(field: str, text: str) -> str:
    """A person's name, as feedback takes it. Raises `Invalid`."""
    if not 0 < len(text) <= MAX_NAME:
        raise Invalid(f"{field}: a name of 1 to {MAX_NAME} characters")
    if fault := names.fault(field, text):
        raise Invalid(fault)
    return text


def checked_text(text: str, field: str = "reason", most: int = MAX_NOTE) -> str:
    """A text of up to `most` characters, card numbers in it masked. Raises `Invalid`."""
    if len(text) > most:
        raise Invalid(f"{field}: {len(text):,} characters: up to {most:,} are kept")
    if found := _NO_TEXT.search(text):
        raise Invalid(f"{field}: has the character U+{ord(found[0]):04X}: leave it out")
    return redact_text(text)
