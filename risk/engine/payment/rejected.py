"""Why a record can't be scored."""

from __future__ import annotations

from typing import Final

from risk.engine.payment.redaction import redact_text

MOST_TOLD: Final = 500  # characters of what is said about a record that is wrong


class Rejected(Exception):
    """The record can't be scored. `reason` is a stable code, the message names the field.

    The message is short, and has no card number in it, whatever of the record it quotes.
    """

    def __init__(self, reason: str, message: str) -> None:
        message = redact_text(message[: 4 * MOST_TOLD])[:MOST_TOLD]
        super().__init__(message)
        self.reason = reason
        self.message = message
