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
from risk.engine.messages import Score
from sinks.registry import Entry
from sinks.store import Ask, Payment, Tag
from sinks.stored import Stored

ENTRY: Final = Entry("memory", "Memory", ("scores",), module=__name__)
PROBE_PAUSE_S = 0.001

_lock = threading.Lock()
_scores: dict[tuple[Payment, Tag], Score] = {}  # what its server would hold


class MemorySink:
    """Its writer. Late messages are left out, uncounted."""

    name = "memory"

    def open(self) -> None:
        """There is nothing to connect to."""

    def write(self, batch: Sequence[Message]) -> Written:
        """Write a batch."""
        rows = older = 0
        refused: list[Refused] = []
        with _lock:
            for at, score in enumerate(batch):
                if not isinstance(score, Score):
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
        return Written(rows, older, tuple(refused))

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


def _payment(score: Score) -> Payment:
    return score.event_id, score.user_id, score.event_time
