"""Which features of a score don't know all that they look back at, and since when they know it.

A run that began with what Kafka still held knows nothing of what was before. Until a feature's
window has left that behind, its value is that of a shorter one, and the score says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import UNSET, UnsetType

from risk.engine.features.built_in import DECLARATIONS
from risk.engine.features.catalogue import DAY
from risk.engine.rules.declaration import Declaration

# What says how long a session may last, nothing does: one that has gone on for longer than this
# is taken for whole.
LONGEST_SESSION: Final = DAY

Moments = dict[str, int]


class LookBack(NamedTuple):
    """A window of whole steps up to the one that a payment is in; of one without steps they are of
    a millisecond. All in ms.
    """

    window: int
    step: int = 1

    def whole_from(self, moment: int) -> int:
        """The first event time whose window begins at that moment, or later."""
        first = -(-moment // self.step)
        return (first + self.window // self.step - 1) * self.step


class History(NamedTuple):
    """What a run knows of the past: all payments with an event time of `since`, ms UTC, and later.

    None: all that there ever were. For `feedback_memory`, in ms, a payment is remembered for
    verdicts on it.
    """

    since: int | None = None
    feedback_memory: int = 0


WHOLE: Final = History()


class Since:
    """What the scores of one ruleset say of a run's history."""

    def __init__(self, history: History, declared: Iterable[Declaration]) -> None:
        moment = history.since
        self._until: list[int] = []  # from when on there is one feature less to tell of
        self._told: list[Moments | UnsetType] = [UNSET]
        if moment is None:
            return
        features = (*DECLARATIONS, *declared)
        whole = {one.name: _whole_from(one, history, moment) for one in features}
        names = sorted(whole, key=lambda name: (whole[name], name))
        self._until = [whole[name] for name in names]
        self._told = [dict.fromkeys(sorted(names[n:]), moment) for n in range(len(names))] + [UNSET]

    def of(self, event_time: int, late: bool = False) -> Moments | UnsetType:
        """Since when each feature knows all that it looks at, ms UTC, of those that lack something
        of a payment; unset where none does. A late payment's features look at nothing else.
        """
        return UNSET if late else self._told[bisect_right(self._until, event_time)]


def _whole_from(one: Declaration, history: History, moment: int) -> int:
    if one.of_verdicts:  # a payment that was not read may be judged for as long
        moment += history.feedback_memory
    if one.session:
        return LookBack(max(one.session, LONGEST_SESSION)).whole_from(moment)
    return LookBack(one.window, one.step or 1).whole_from(moment)
