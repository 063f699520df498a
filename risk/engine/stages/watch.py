"""Which partitions are idle, from what the broker says once a second.

Silence alone proves nothing: a job that is starved, or has just been started, hears nothing of a
partition that is full of records. So the broker is asked where a partition ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, Protocol

from risk.engine.stages.ingest import Ingest
from risk.engine.stages.reading import Idle

TICK_MS = 1_000
ASK_TICKS = 5  # between two looks at the partitions of other shards, while the own ones are busy


class Last(NamedTuple):
    """The last payment of a partition, ms UTC."""

    event_time: int
    append_time: int


class Broker(Protocol):
    """What has to be known of the topic."""

    def at_end(self, partition: int, read_to: int) -> bool:
        """Whether a partition holds no record from that offset on; False if nobody can tell."""

    def ends(self, partitions: Collection[int]) -> Mapping[int, int]:
        """The offset after the last record of each partition of which it can be told."""

    def last(self, partitions: Collection[int]) -> Mapping[int, Last]:
        """The last payment of each partition that has one which can be read."""


class Patience(NamedTuple):
    """For how long, in ms, a partition may hold the frontier back.

    A silent one for `idle_ms`; one that is read to its end but behind the others by more than
    `lateness_ms` for `hold_ms`. When all have been silent for `quiet_ms`, everything settles.
    """

    idle_ms: int
    hold_ms: int
    quiet_ms: int
    lateness_ms: int
    future_ms: int


class Elsewhere:
    """The partitions of other shards: where their marks are at least, and whether they are idle."""

    def __init__(self, partitions: Collection[int], patience: Patience) -> None:
        self._partitions, self._patience = partitions, patience
        self._ends: dict[int, int] = {}
        self._silent = dict.fromkeys(partitions, 0)
        self._marks: dict[int, int] = {}
        self._appended: dict[int, int] = {}

    def look(self, broker: Broker, ticks: int) -> None:
        """Ask the broker; so many ticks have passed since it was asked last."""
        ends = broker.ends(self._partitions)
        for partition in self._partitions:
            grown = ends.get(partition) != self._ends.get(partition)
            self._silent[partition] = 0 if grown else self._silent[partition] + ticks
        self._ends.update(ends)
        for partition, last in broker.last(self._partitions).items():
            self._marks[partition] = max(min(last), self._marks.get(partition, -1))
            self._appended[partition] = last.append_time

    @property
    def mark(self) -> int | None:
        """The least mark of those that aren't idle; of all that are, the furthest."""
        idle_ticks = self._patience.idle_ms / TICK_MS
        awake = [m for p, m in self._marks.items() if self._silent[p] < idle_ticks]
        return min(awake) if awake else max(self._marks.values(), default=None)

    @property
    def latest(self) -> int:
        """An event time that all there have most likely been up to; -1 if there are none.

        What isn't late is at most by the lateness behind its mark, and so far ahead of it as an
        event may be of the clock. The last payment may be late, and hide one that was further
        ahead: so the bound grows while nothing comes, up to where no payment can have been.
        """
        lateness_ms, future_ms = self._patience.lateness_ms, self._patience.future_ms
        return max(
            (
                min(
                    mark + lateness_ms + future_ms + self._silent[partition] * TICK_MS,
                    self._appended[partition] + future_ms,
                )
                for partition, mark in self._marks.items()
            ),
            default=-1,
        )

    def quiet(self, ticks: float) -> bool:
        """Whether all have been silent for so long."""
        return all(silent >= ticks for silent in self._silent.values())


class IdleWatch:
    """Tells an ingest which of its partitions no longer hold the frontier.

    `elsewhere` are the partitions that other shards read. Ticks are counted, not time: after a
    stall of the process one tick passes, not the stall.
    """

    def __init__(self, ingest: Ingest, patience: Patience, elsewhere: Collection[int] = ()) -> None:
        self._ingest, self._patience = ingest, patience
        self._elsewhere = Elsewhere(elsewhere, patience) if elsewhere else None
        self._silent = dict.fromkeys(ingest.read_to, 0)  # ticks since the last record
        self._behind = dict.fromkeys(ingest.read_to, 0)  # ticks at its end and far behind
        self._asked = 0  # ticks since other shards' partitions were looked at

    def heard(self, partitions: Iterable[int]) -> None:
        """Records of these partitions came."""
        awake = set(partitions)
        for partition in awake:
            self._silent[partition] = 0
        idle = self._ingest.idle
        if idle.partitions or idle.settled_to is not None:
            left = {p for p in idle.partitions if p not in awake or self._holds_too_long(p)}
            self._ingest.idle = idle._replace(partitions=frozenset(left), settled_to=None)

    def tick(self, broker: Broker, now_ms: int) -> Idle | None:
        """A second has passed. What is idle now, if that is other than before."""
        idle = frozenset(p for p in list(self._ingest.read_to) if self._is_idle(p, broker))
        found = Idle(idle)
        everything = len(idle) == len(self._ingest.read_to)
        if self._elsewhere is not None:
            self._asked += 1
            if everything or self._asked >= ASK_TICKS:
                self._elsewhere.look(broker, self._asked)
                self._asked = 0
            found = Idle(idle, self._elsewhere.mark)
        if everything and self._is_quiet():
            latest = self._elsewhere.latest if self._elsewhere else -1
            until = min(now_ms - self._patience.lateness_ms, max(latest, self._ingest.latest))
            found = found._replace(settled_to=until, latest_elsewhere=latest)
        return found if found != self._ingest.idle else None

    def _is_idle(self, partition: int, broker: Broker) -> bool:
        silent = self._silent[partition] = self._silent.get(partition, 0) + 1
        long = silent * TICK_MS >= self._patience.idle_ms
        behind = self._ingest.behind(partition) > self._patience.lateness_ms
        ended = (long or behind) and broker.at_end(partition, self._ingest.read_to[partition])
        self._behind[partition] = self._behind.get(partition, 0) + 1 if ended and behind else 0
        return ended and (long or self._holds_too_long(partition))

    def _holds_too_long(self, partition: int) -> bool:
        return self._behind.get(partition, 0) * TICK_MS >= self._patience.hold_ms

    def _is_quiet(self) -> bool:
        ticks = self._patience.quiet_ms / TICK_MS
        if any(silent < ticks for silent in self._silent.values()):
            return False
        return self._elsewhere is None or self._elsewhere.quiet(ticks)
