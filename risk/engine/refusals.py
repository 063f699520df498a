"""Which refusals are the messages' fault, and when there are so many that they are the store's."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from typing import NamedTuple

from risk.engine.delivery import Refused, Written


class Held(NamedTuple):
    """So many of the last messages were refused alike: `first` is the first of this batch."""

    refused: int
    of: int
    first: Refused

    def line(self, store: str) -> str:
        """What is wrong, in one line."""
        return (
            f"{store} has refused {self.refused} of the last {self.of} messages for the same "
            "reason, so its schema or its settings are wrong, and not they: "
            f"{self.first.reason} (delivery.refused_limit)"
        )


class Limit:
    """Of the last `2 * most` messages that a store answered, fewer than `most` are refused alike.

    So neither a store that refuses everything nor one that refuses half of it empties the log into
    the dead letters. With `most` 0 there is no limit. It outlives the restarts of a job: else each
    would put as many aside again.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._last: deque[str | None] = deque(maxlen=2 * most)  # of each its kind; None: taken
        self._holds = False

    def judge(self, written: Written) -> Held | None:
        """None: what was refused may be put aside. Else the batch is to be tried again."""
        if not self._most:
            return None
        taken = written.rows + written.older
        kinds = Counter(one.kind for one in written.refused)
        if self._holds and taken and max(kinds.values(), default=0) <= taken:
            self._last.clear()  # it has been mended: what was refused before says nothing now
            self._holds = False
        last = self._with(taken, kinds)
        for kind, refused in Counter(last).most_common():
            if kind in kinds and (self._holds or refused >= self._most):
                self._holds = True
                first = next(one for one in written.refused if one.kind == kind)
                return Held(refused, len(last), first)
        self._last = last
        return None

    def _with(self, taken: int, kinds: Counter[str]) -> deque[str | None]:
        """The last ones once this batch is among them; of a larger batch a sample."""
        last = self._last.copy()
        total, room = taken + kinds.total(), 2 * self._most
        share = min(1.0, room / total) if total else 1.0
        last.extend([None] * round(taken * share))
        for kind, count in kinds.items():
            last.extend([kind] * round(count * share))
        return last


def merged(written: Written, again: Written, at: Sequence[int]) -> Written:
    """What came of a batch once the messages at these indices of it were tried again."""
    return Written(
        written.rows + again.rows,
        written.older + again.older,
        tuple(sorted((*written.refused, *_placed(again.refused, at)))),
        _placed(again.doubtful, at),
        written.erased + again.erased,
    )


def given_up(written: Written) -> Written:
    """The same, with what is in doubt refused."""
    refused = tuple(sorted((*written.refused, *written.doubtful)))
    return written._replace(refused=refused, doubtful=())


def _placed(found: Sequence[Refused], at: Sequence[int]) -> tuple[Refused, ...]:
    return tuple(one._replace(at=at[one.at]) for one in found)
