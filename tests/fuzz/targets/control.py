"""A message of risk.control, by which jobs agree on a takeover; many of them on the board."""

from __future__ import annotations

from risk.engine.takeover.said import Found, Said, Word, decode, encode
from tests.fuzz.target import Target


def once(data: bytes) -> None:
    """What is said reads the same when it is said again."""
    said = decode(data)
    assert decode(encode(said)) == said


WORD = Word(5, {0: 7, 1: 9}, (Found(0, 3, 12),))
SEEDS = (
    encode(Said("offered", "run-2", "me", old="run-1")),
    encode(Said("told", "run-2", "run-1", word=WORD)),
    encode(Said("proposed", "run-2", "me", lead_ms=500)),
    encode(Said("promised", "run-2", "run-1", at=1_740_830_400_000)),
)
WORDS = (*Said.__struct_fields__, *Word.__struct_fields__, "yielded", "called_off", "missed")
TARGET = Target("control", once, (ValueError,), SEEDS, WORDS, "json")
