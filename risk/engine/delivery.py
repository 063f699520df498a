"""What a store's writer promises. The writers are in sinks/; the jobs know only this."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from risk.engine.message_check import Message as Message
from risk.engine.message_check import problem
from risk.engine.messages import Late, Score

_Message = TypeVar("_Message", contravariant=True)


class Unavailable(Exception):
    """The store can't be reached, or takes no more for now. The same batch may be tried again."""


class Refused(NamedTuple):
    """The message of the batch at that index that the store will never take.

    `kind` is the same for messages that are refused for the same reason, whatever they hold.
    """

    at: int
    reason: str
    kind: str = ""


class Written(NamedTuple):
    """What came of a batch: rows written, rows skipped as what is there weighs more, refusals.

    `doubtful`: the store failed on these, and not on the others. It may take them another time.
    `erased` counts messages that are left out, as their user was erased.
    """

    rows: int = 0
    older: int = 0
    refused: tuple[Refused, ...] = ()
    doubtful: tuple[Refused, ...] = ()
    erased: int = 0


def weight(score: Score) -> tuple[bool, bool, int]:
    """A score replaces one of the same payment and ruleset version that doesn't weigh more.

    First of all, a replay never replaces what a live run or its shadow has emitted: these know more
    of the stream, or will. Then, a late payment never replaces one that was scored in time, which
    replaces it, whatever the revisions. Then the revision decides.
    """
    return score.kind != "replay", not score.late, score.revision


class Writer(Protocol[_Message]):
    """Writes one kind of message. Writing the same batch again changes nothing."""

    name: str

    def open(self) -> None:
        """Connect. Raises `Unavailable`."""

    def write(self, batch: Sequence[_Message]) -> Written:
        """Write a batch. Raises `Unavailable`; then any part of it may have been written."""
        raise NotImplementedError

    def close(self) -> None:
        """Disconnect."""


Sink = Writer[Message]  # a store's


_score = msgspec.json.Decoder(Score)
_late = msgspec.json.Decoder(Late)
_PLACE = re.compile(r"(.*) - at `\$\.?(.*)`", re.DOTALL)


def decode(value: bytes) -> Message:
    """A message of risk.scores or risk.late that every store takes.

    What no store is to take is found here, once for all of them: whatever passes, all of them take.
    Fields that aren't known are those of later versions, and left out. Raises `ValueError`, which
    names the field and says what is wrong with it.
    """
    try:
        message = _decode(value)
    except msgspec.ValidationError as error:
        raise ValueError(_explain(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}" if value else "empty: no message") from None
    if wrong := problem(message, value):
        raise ValueError(wrong)
    return message


def _decode(value: bytes) -> Message:
    try:
        return _score.decode(value)
    except msgspec.ValidationError:
        if b'"late_by"' not in value:
            raise
    return _late.decode(value)


def _explain(text: str) -> str:
    found = _PLACE.fullmatch(text)
    return f"{found[2]}: {found[1]}" if found else text
