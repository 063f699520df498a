"""What a store's writer promises. The writers are in sinks/; the jobs know only this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from risk.messages import Late, Score

Message = Score | Late


class Unavailable(Exception):
    """The store can't be reached, or takes no more for now. The same batch may be tried again."""


class Refused(NamedTuple):
    """The message of the batch at that index that the store will never take."""

    at: int
    reason: str


class Written(NamedTuple):
    """What came of a batch: rows written, rows skipped as what is there weighs more, refusals."""

    rows: int = 0
    older: int = 0
    refused: tuple[Refused, ...] = ()


def weight(score: Score) -> tuple[bool, int]:
    """A score replaces one of the same key that doesn't weigh more.

    First of all, a replay never replaces what a live run or its shadow has said: these know more
    of the stream, or will. Then the revision decides.
    """
    return score.kind != "replay", score.revision


class Sink(Protocol):
    """A store's writer. Writing the same batch again changes nothing."""

    name: str

    def open(self) -> None:
        """Connect. Raises `Unavailable`."""

    def write(self, batch: Sequence[Message]) -> Written:
        """Write a batch. Raises `Unavailable`; then any part of it may have been written."""
        raise NotImplementedError

    def close(self) -> None:
        """Disconnect."""


_score = msgspec.json.Decoder(Score)
_late = msgspec.json.Decoder(Late)


def decode(value: bytes) -> Message:
    """A message of risk.scores or risk.late. Raises `ValueError`, which says what is wrong."""
    try:
        return _score.decode(value)
    except msgspec.ValidationError as error:
        if b'"late_by"' in value:
            return _decode_late(value)
        raise ValueError(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None


def _decode_late(value: bytes) -> Late:
    try:
        return _late.decode(value)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None
