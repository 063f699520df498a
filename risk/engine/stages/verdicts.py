"""Verdicts join the payments that they are of, and count from when they are known everywhere.

risk.feedback names a payment, and says nothing else of it. So what features of verdicts read of a
payment is remembered here, until no verdict on it counts any more. Verdicts themselves stay in
their log: it is read again from its beginning when a job starts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from typing import Final, NamedTuple

from risk.engine.features.feature_set import FeatureSet
from risk.engine.feedback import SOURCES, Logged
from risk.engine.stages.base import Frontier, Item, Store, Verdict
from risk.engine.stages.codec import pack, unpack
from risk.engine.stages.journal import Journal
from risk.engine.stages.payment_row import Id, PaymentRow, identity
from risk.engine.stages.reading import VerdictTimes

PAID: Final = "paid/"
JUDGED: Final = "judged/"
READ: Final = "read"  # the entry with the frontier, and how far the log was read, by partition


class Judged(NamedTuple):
    """What counts of a payment's verdicts so far: the weightiest, and what it says since when.

    `heard` are the hashes of all that was said: said again, it says nothing new.
    """

    verdict: str
    since: int
    weight: tuple[int, ...]  # source, known_at, and its place in the log
    heard: tuple[str, ...]


NOTHING: Final = Judged("", 0, (), ())


class Waiting(NamedTuple):
    """A verdict that doesn't count yet."""

    at: int  # from then on
    position: tuple[int, int, int]
    id: Id
    event_time: int
    verdict: str
    source: int
    known_at: int
    key: str


def counts_from(logged: Logged, delay_ms: int) -> int:
    """From when on, in ms UTC, a verdict counts.

    Nothing is known of a payment before it is made.
    """
    return max(logged.known_since, logged.feedback.event_time) + delay_ms


class VerdictStage:
    """Keeps what is needed of payments, and passes each verdict on when the frontier comes to it.

    A verdict that was read when the frontier had passed its time already came too late, and counts
    for no feature. Only an import's can.
    """

    def __init__(self, store: Store, features: FeatureSet, times: VerdictTimes) -> None:
        self._store, self._times = store, times
        self._row = PaymentRow(features.of_verdicts)
        self._paid = Journal(store, PAID)
        self._judgements = Journal(store, JUDGED)
        self._payments: dict[Id, bytes] = {}
        self._judged: dict[Id, Judged] = {}
        self._waiting: list[Waiting] = []
        self._frontier = -1
        self._read_to: dict[int, int] = {}
        self._before: dict[int, int] = {}  # what an earlier run had read
        self._load()

    def take(self, logged: Iterable[Logged]) -> list[Logged]:
        """Take verdicts from the log, each partition's in order and from its first on.

        Those that came too late to count.
        """
        late = []
        for one in logged:
            said = one.feedback
            at = counts_from(one, self._times.delay)
            new = one.offset >= self._before.get(one.partition, 0)
            self._read_to[one.partition] = one.offset + 1
            if at <= self._frontier:
                if new and identity(*said.payment) in self._payments:
                    late.append(one)
                continue
            if at > said.event_time + self._times.memory:
                continue
            source = SOURCES.index(said.source)
            heappush(
                self._waiting,
                Waiting(
                    at,
                    one.position,
                    identity(*said.payment),
                    said.event_time,
                    said.verdict,
                    source,
                    said.known_at,
                    said.key,
                ),
            )
        return late

    def on_batch(self, items: Sequence[Item], frontier: Frontier) -> list[Item]:
        """Remember payments; the items, and one for each verdict that counts from now on."""
        self._remember(items)
        found = [*self._due(frontier.settled), *items]
        if frontier.time > self._frontier:
            self._frontier = frontier.time
            self._store.put(READ, pack([frontier.time, self._read_to]))
            horizon = frontier.time - self._times.memory
            for gone in self._paid.expire(horizon):
                for id_ in gone:
                    self._payments.pop(id_, None)
            for gone in self._judgements.expire(horizon):
                for id_ in gone:
                    self._judged.pop(id_, None)
        return found

    def _remember(self, items: Sequence[Item]) -> None:
        rows: list[tuple[Id, bytes]] = []
        latest = -1
        for item in items:
            if item.late:
                continue
            txn = item.txn
            id_ = identity(txn.event_id, txn.user_id, txn.event_time)
            rows.append((id_, self._row.packed(txn)))
            latest = max(latest, txn.event_time)
        if rows:
            self._payments.update(rows)
            self._paid.append(latest, [(self._row.fields, rows)], [id_ for id_, _ in rows])

    def _due(self, settled: int) -> Iterator[Item]:
        waiting = self._waiting
        changed: dict[Id, int] = {}
        while waiting and waiting[0].at <= settled:
            at = waiting[0].at
            said: defaultdict[Id, list[Waiting]] = defaultdict(list)  # at the same time
            while waiting and waiting[0].at == at:
                one = heappop(waiting)
                if one.id in self._payments:  # else by now it can't come in time any more
                    said[one.id].append(one)
                    changed[one.id] = one.event_time
            for id_, ones in said.items():
                verdict = self._judge(id_, at, ones)
                if verdict is not None:
                    payment = self._row.payment(self._payments[id_])
                    yield Item(payment, suppressed=True, verdict=verdict)
        if changed:
            rows = [(id_, *self._judged[id_]) for id_ in changed]
            self._judgements.append(max(changed.values()), rows, list(changed))

    def _judge(self, id_: Id, at: int, said: Sequence[Waiting]) -> Verdict | None:
        """Count verdicts on a payment; None if nothing becomes other than it was."""
        before = self._judged.get(id_)
        verdict, _, weight, heard = before or NOTHING
        for one in said:
            if one.key in heard:
                continue
            heard = (*heard, one.key)
            own = (one.source, one.known_at, *one.position)
            if own > weight:
                weight, verdict = own, one.verdict
        if before is not None and verdict == before.verdict:
            self._judged[id_] = before._replace(weight=weight, heard=heard)
            return None
        self._judged[id_] = Judged(verdict, at, weight, heard)
        return (
            Verdict(verdict, at, before.verdict, before.since) if before else Verdict(verdict, at)
        )

    def _load(self) -> None:
        paid: list[tuple[int, bytes]] = []
        judged: list[tuple[int, bytes]] = []
        for name, blob in self._store.items():
            if name == READ:
                self._frontier, self._before = unpack(blob)
                self._read_to = dict(self._before)
            for prefix, found in ((PAID, paid), (JUDGED, judged)):
                if name.startswith(prefix):
                    found.append((int(name.removeprefix(prefix)), blob))
        for number, blob in sorted(paid):
            latest, ((told, rows),) = self._paid.reload(number, blob)
            self._paid.restore(latest, number, [id_ for id_, _ in rows])
            if tuple(told) != self._row.fields:
                rows = [(id_, self._row.moved(told, row)) for id_, row in rows]
                self._paid.rewrite(number, latest, [(self._row.fields, rows)])
            self._payments.update([(id_, row) for id_, row in rows])
        for number, blob in sorted(judged):
            latest, rows = self._judgements.reload(number, blob)
            self._judgements.restore(latest, number, [row[0] for row in rows])
            for id_, verdict, since, weight, heard in rows:
                self._judged[id_] = Judged(verdict, since, tuple(weight), tuple(heard))

    def sizes(self) -> dict[str, int]:
        """How much is kept: payments, those of them with a verdict, and verdicts to come."""
        return {
            "payments": len(self._payments),
            "judged": len(self._judged),
            "waiting": len(self._waiting),
        }
