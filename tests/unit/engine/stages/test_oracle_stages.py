"""The stages settle on what the oracle says, however records interleave, are cut or crash."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from risk.config.settings import Scoring
from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.feature_set import BUILT_IN, FeatureSet
from risk.engine.feedback import Logged
from risk.engine.oracle import Consumed, Judged, outcomes
from risk.engine.oracle.features import features
from risk.engine.payment.transaction import Transaction
from risk.engine.stages.base import FLUSH, MemoryStore, Raw, Store
from risk.engine.stages.emission import Scorable
from risk.engine.stages.fused import Fused
from tests.unit.streams import SCORING, START, quiet, raw, reading, records, transaction

PARTITIONS = 2
Key = tuple[str, str, int]
Decided = dict[Key, dict[str, FeatureValue]]


class Stores(dict[str, MemoryStore]):
    """A memory store per stage."""

    def __call__(self, stage: str) -> Store:
        return self.setdefault(stage, MemoryStore())


def key(txn: Transaction) -> Key:
    return txn.event_id, txn.user_id, txn.event_time


class Run:
    """All that the stages say of a stream, cut into batches, with a restart before some."""

    def __init__(
        self,
        raws: Sequence[Raw],
        cuts: Sequence[int],
        crashes: frozenset[int],
        features: FeatureSet = BUILT_IN,
        log: Sequence[Logged] = (),
        scoring: Scoring = SCORING,
    ) -> None:
        most = scoring.max_partition_payments
        self._reading = reading(range(PARTITIONS), max_partition_payments=most)
        self.settled: Decided = {}
        self.late_values: Decided = {}
        self.late: list[tuple[int, int, int]] = []
        self.rejected: list[tuple[int, int, str]] = []
        self.duplicates = self.conflicts = 0
        self._stores, self._features, self._log = Stores(), features, log
        self.late_verdicts: list[Logged] = []  # verdicts that came too late
        self._heard = 0
        self._start()
        position = 0
        for number, cut in enumerate([*cuts, len(raws)]):
            if number in crashes:
                self._count()
                self._start()
            self._batch(raws[position : position + cut])
            position += cut
        self._take(len(log), FLUSH)
        self._note(self.fused.on_idle(quiet(range(PARTITIONS))).scorables)
        self._count()

    def _start(self) -> None:
        features = self._features
        self.fused = Fused(self._stores, self._reading, features=features)
        if self.fused.feedback.wanted:
            self.fused.feedback.take(self._log[: self._heard], -1)

    def _take(self, upto: int, appended: int) -> None:
        if self.fused.feedback.wanted:
            upto = max(upto, self._heard)
            new, self._heard = self._log[self._heard : upto], upto
            self.late_verdicts += self.fused.feedback.take(new, appended)

    def _batch(self, raws: Sequence[Raw]) -> None:
        found = self.fused.on_batch(raws)
        self._note(found.scorables)
        appended = self.fused.feedback.appended
        self._take(sum(one.append_time <= appended for one in self._log), appended)
        self.late += [(one.raw.partition, one.raw.offset, one.late_by) for one in found.late]
        self.rejected += [(one.raw.partition, one.raw.offset, one.reason) for one in found.rejected]

    def _note(self, scorables: Sequence[Scorable]) -> None:
        for txn, found, revision, _, late, _changed in scorables:
            if late:
                assert revision == 0
                self.late_values[key(txn)] = found.by_name()
                continue
            assert (revision == 0) is (key(txn) not in self.settled)
            if revision:
                assert revision == 1
                assert self.settled[key(txn)] != found.by_name(), (
                    "a correction that changes nothing"
                )
            self.settled[key(txn)] = found.by_name()

    def _count(self) -> None:
        for part in (self.fused.ingest, self.fused.user):
            self.duplicates += part.duplicates
            self.conflicts += part.conflicts
        assert self.fused.behind_frontier == 0


def oracle(raws: Sequence[Raw], scoring: Scoring = SCORING) -> tuple[list[Judged], Decided]:
    judged = list(outcomes([Consumed(*astuple(one)) for one in raws], scoring))
    scored = [one.txn for one in judged if one.outcome == "scored" and one.txn]
    return judged, {key(txn): found for txn, found in features(scored)}


def agree(
    raws: Sequence[Raw],
    cuts: Sequence[int],
    crashes: frozenset[int] = frozenset(),
    scoring: Scoring = SCORING,
) -> None:
    judged, settled = oracle(raws, scoring)
    run = Run(raws, cuts, crashes, scoring=scoring)
    assert sorted(run.late) == sorted(
        (one.record.partition, one.record.offset, one.late_by)
        for one in judged
        if one.outcome == "late"
    )
    assert sorted(run.rejected) == sorted(
        (one.record.partition, one.record.offset, one.reason)
        for one in judged
        if one.outcome == "rejected"
    )
    assert run.duplicates == sum(one.outcome == "duplicate" for one in judged)
    assert run.conflicts == sum(one.conflict for one in judged)
    assert run.late_values == {
        key(one.txn): next(features([one.txn]))[1]
        for one in judged
        if one.outcome == "late" and one.txn
    }
    assert set(run.settled) == set(settled)
    for name, expected in settled.items():
        found = run.settled[name]
        assert found == expected, (name, differences(found, expected))
        assert [*map(type, found.values())] == [*map(type, expected.values())]


def differences(found: dict[str, FeatureValue], expected: dict[str, FeatureValue]) -> object:
    return {name: (found[name], expected[name]) for name in found if found[name] != expected[name]}


@st.composite
def streams(draw: st.DrawFn) -> list[Raw]:
    """Records with some that are malformed, ahead of time, or other content under a used id."""
    raws = draw(records(PARTITIONS))
    seen: list[Raw] = []
    found: list[Raw] = []
    offsets = dict.fromkeys(range(PARTITIONS), 0)
    for one in raws:
        extra = draw(st.sampled_from(("", "", "", "", "", "broken", "ahead", "conflict")))
        more = [one]
        if extra == "broken":
            more.append(replace(one, value=draw(st.sampled_from((None, b"", b"{", b"\xff", b"7")))))
        elif extra == "ahead":
            time = one.append_time + draw(
                st.sampled_from((20_000, SCORING.future_ms, SCORING.future_ms + 1, 10**11))
            )
            txn = transaction(8_000 + len(found), user_id="ahead", event_time=time)
            more.insert(0, replace(raw(txn, 0, one.partition), append_time=one.append_time))
        elif extra == "conflict" and seen:
            old = draw(st.sampled_from(seen[-8:]))
            value = (old.value or b"").replace(b'"merchant_id":"m1"', b'"merchant_id":"m9"')
            more.append(replace(old, value=value))
        seen.append(one)
        for each in more:
            found.append(replace(each, offset=offsets[each.partition]))
            offsets[each.partition] += 1
    return found


CUTS = st.lists(st.integers(1, 12), max_size=20)


@settings(max_examples=80, deadline=None)
@given(streams(), CUTS)
def test_the_stages_settle_on_what_the_oracle_says(raws: list[Raw], cuts: list[int]) -> None:
    agree(raws, cuts)


@settings(max_examples=80, deadline=None)
@given(streams(), CUTS, st.frozensets(st.integers(0, 20)))
def test_restarts_change_nothing(raws: list[Raw], cuts: list[int], crashes: frozenset[int]) -> None:
    agree(raws, cuts, crashes)


@settings(max_examples=60, deadline=None)
@given(streams(), CUTS, st.frozensets(st.integers(0, 20)), st.integers(1, 8))
def test_what_is_beyond_a_partitions_limit_is_late_and_counts_for_nobody(
    raws: list[Raw], cuts: list[int], crashes: frozenset[int], most: int
) -> None:
    agree(raws, cuts, crashes, Scoring(max_partition_payments=most))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 3), st.lists(st.integers(0, 29_000), min_size=80, max_size=120))
def test_many_devices_and_disorder(step: int, backs: list[int]) -> None:
    """More devices and countries than are remembered, one user, wandering times."""
    raws = [
        raw(
            transaction(
                number,
                event_time=START + number * (500 + 2_000 * step) - back,
                device_id=f"d{number * 7 % 70}",
                country=f"{chr(65 + back % 9)}{chr(65 + number % 9)}",
            ),
            number,
        )
        for number, back in enumerate(backs)
    ]
    agree(raws, [7] * 30)


def skewed(one: list[Transaction], other: list[Transaction]) -> list[Raw]:
    """All of one partition, then all of the other: the greatest skew that there is."""
    return [raw(txn, offset, 0) for offset, txn in enumerate(one)] + [
        raw(txn, offset, 1) for offset, txn in enumerate(other)
    ]


def test_a_partition_read_long_after_the_other() -> None:
    minutes = range(0, 60 * 60_000, 20_000)
    one = [transaction(n, event_time=START + t, user_id="u1") for n, t in enumerate(minutes)]
    other = [
        transaction(5_000 + n, event_time=START + t + 1, user_id="u2", amount=n)
        for n, t in enumerate(minutes)
    ]
    agree(skewed(one, other), [10] * 36)
