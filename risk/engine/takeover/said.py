"""What is said in risk.control, the log in which jobs and operations agree on a takeover."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from risk.engine.decoding import decoder

Kind = Literal[
    "offered",  # by the operation: a run stands by for the run that decides
    "told",  # by the leader: what it has read and how it judged silence
    "ready",  # by the standby: it has read all that the leader has told of
    "proposed",  # by the operation: the takeover is `lead_ms` after this message was appended
    "promised",  # by the old run: it has emitted nothing from `at` on, and never will
    "missed",  # by the old run: it may have: propose again
    "called_off",  # by the operation: no takeover, unless a promise came before
    "yielded",  # by the old run: the new one leads from here on
    "drained",  # by the old run: all that is its own has settled
]


class Found(msgspec.Struct, frozen=True, array_like=True):
    """A payment that came `late_by` ms behind the frontier, by its place."""

    partition: int
    offset: int
    late_by: int


class Word(msgspec.Struct, frozen=True):
    """What the leader found: having read up to the offsets `read_to`, by partition, its frontier is
    `frontier`: whatever it reads from there on and happened no later than that, in ms, is late.

    `late` are the payments behind the frontier that it met since its last word.
    """

    frontier: int
    read_to: dict[int, int]
    late: tuple[Found, ...] = ()


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message. A takeover is named by the run that takes over; times are ms UTC."""

    kind: Kind
    takeover: str
    by: str  # a run, or whoever operates
    old: str = ""  # offered: the run that decides so far
    lead_ms: int = 0  # proposed
    at: int = 0  # promised and missed: which moment
    word: Word | None = None  # told and yielded


encode = msgspec.json.Encoder().encode
_decode = decoder(Said)


def decode(value: Any) -> Said:
    """The message. Raises `ValueError` if it is none."""
    return _decode(value or b"")
