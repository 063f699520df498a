"""A store in this process's memory: all that a fourth store would need.

It is the trial of `sinks/registry.py`: registered for a test, it is held to the same promises as
the product's stores, and every command knows of it.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator, Sequence
from typing import Final

from risk.config.settings import Settings
from risk.engine.delivery import Message, Refused, Sink, Written, weight
from risk.engine.erasure import SALT_BYTES, Erased
from risk.engine.messages import Score
from sinks.registry import Entry
from sinks.store import Ask, Payment, Tag
from sinks.stored import Stored

ENTRY: Final = Entry("memory", "Memory", ("scores",), module=__name__)
PROBE_PAUSE_S = 0.001

_lock = threading.Lock()
_scores: dict[tuple[Payment, Tag], Score] = {}  # what its server would hold
_erased = Erased(bytes(SALT_BYTES))  # likewise


class MemorySink:
    """Its writer. Late messages are left out, uncounted."""

    name = "memory"

    def open(self) -> None:
        """There is nothing to connect to."""

    def write(self, batch: Sequence[Message]) -> Written:
        """Write a batch."""
        rows = older = erased = 0
        refused: list[Refused] = []
        with _lock:
            for at, score in enumerate(batch):
                if not isinstance(score, Score):
                    continue
                if _erased.holds(score.user_id, score.event_time):
                    erased += 1
                    continue
                try:
                    ipaddress.ip_address(score.transaction.ip or "::")  # it may have none
                except ValueError as error:
                    refused.append(Refused(at, str(error)))
                    continue
                key = _payment(score), (score.ruleset, score.ruleset_version)
                if key in _scores and weight(_scores[key]) > weight(score):
                    older += 1
                else:
                    _scores[key] = score
                    rows += 1
        return Written(rows, older, tuple(refused), erased=erased)

    def close(self) -> None:
        """There is nothing to disconnect from."""


def create(settings: Settings) -> Sink:
    """A writer."""
    return MemorySink()


def scan(settings: Settings, ruleset: str, version: int) -> Iterator[Stored]:
    """The stored scores of a ruleset's version, by their payments."""
    with _lock:
        held = [(payment, s) for (payment, tag), s in _scores.items() if tag == (ruleset, version)]
    for (event_id, user_id, event_time), score in sorted(held, key=lambda one: one[0]):
        reasons = tuple((r.rule, r.version, r.points) for r in score.reasons)
        yield Stored(
            *(event_id, user_id, event_time, score.revision, score.score, score.decision, reasons),
            *(score.fingerprint, score.late),
        )


def wipe(settings: Settings) -> None:
    """Delete all."""
    with _lock:
        _scores.clear()


def probe(settings: Settings, ruleset: Tag) -> Ask:
    """What to ask by."""

    def ask(payments: Sequence[Payment]) -> set[Payment]:
        with _lock:
            return {payment for payment in payments if (payment, ruleset) in _scores}

    return ask


def erased(settings: Settings) -> Erased:
    """The list of erased users."""
    return _erased


def add_erased(settings: Settings, erased: Erased) -> None:
    """Add to it."""
    global _erased
    with _lock:
        for user_hash, upto in erased.users.items():
            _erased = _erased.added(user_hash, upto)


def count(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """How many scores are a user's, up to an event time in ms UTC."""
    with _lock:
        return {"scores": len(_of(user_id, upto))}


def erase(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """Remove them."""
    with _lock:
        return {"scores": len([_scores.pop(key) for key in _of(user_id, upto)])}


def _of(user_id: str, upto: int) -> list[tuple[Payment, Tag]]:
    return [key for key in _scores if key[0][1] == user_id and key[0][2] <= upto]


def _payment(score: Score) -> Payment:
    return score.event_id, score.user_id, score.event_time
