"""Features of verdicts settle on what the oracle says, whenever verdicts come, change or repeat."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.features.feature_set import FeatureSet
from risk.engine.feedback import SOURCES, VERDICTS, Logged, build
from risk.engine.oracle.features import features
from risk.engine.oracle.reading import order
from risk.engine.oracle.verdicts import known, of_verdicts
from risk.engine.payment.transaction import Rejected, decode
from risk.engine.rules.declaration import Declaration
from risk.engine.stages.base import Raw
from tests.unit.engine.features.declared.declarations import of_verdict, verdict_declarations
from tests.unit.engine.stages.test_oracle_stages import (
    CUTS,
    Decided,
    Run,
    differences,
    key,
    oracle,
    streams,
)
from tests.unit.streams import SCORING, START, raw, transaction

AFTER = (0, 1, 60_000, 600_000, 86_400_000, 8 * 86_400_000, 44 * 86_400_000, 46 * 86_400_000)


@st.composite
def logs(draw: st.DrawFn, raws: Sequence[Raw], all_early: bool = False) -> list[Logged]:
    """Verdicts on some payments, in the order of the log. Those of imports come early, mostly."""
    payments = []
    for one in raws:
        try:
            txn = decode(one.value, one.key)
        except Rejected:
            continue
        payments.append((txn.event_id, txn.user_id, txn.event_time, one.append_time))
    payments.append(("unknown", "u1", START, START))
    said: list[tuple[int, int, Logged]] = []
    for number in range(draw(st.integers(0, 25))):
        event_id, user_id, time, appended = draw(st.sampled_from(payments))
        source = draw(st.sampled_from(SOURCES))
        known_at = time + draw(st.sampled_from(AFTER)) - draw(st.sampled_from((0, 0, 5)))
        early = source == "import" and (all_early or draw(st.integers(0, 4)) > 0)
        append_time = 0 if early else appended + draw(st.sampled_from(AFTER))
        verdict, by = draw(st.sampled_from(VERDICTS)), draw(st.sampled_from(("a", "b")))
        one_said = build((event_id, user_id, time), verdict, source, known_at, by)
        partition = draw(st.integers(0, 1))
        said.append((append_time, number, Logged(one_said, append_time, partition, 0)))
        if draw(st.integers(0, 5)) == 0:
            again = append_time + draw(st.sampled_from(AFTER))
            said.append((again, 1_000 + number, Logged(one_said, again, partition, 0)))
    offsets = [0, 0]
    found = []
    for _, _, logged in sorted(said, key=lambda each: each[:2]):
        found.append(logged._replace(offset=offsets[logged.partition]))
        offsets[logged.partition] += 1
    return found


def wanted(raws: Sequence[Raw], log: Sequence[Logged], ones: Sequence[Declaration]) -> Decided:
    judged, _ = oracle(raws)
    scored = [one.txn for one in judged if one.outcome == "scored" and one.txn]
    own = of_verdicts(scored, ones, known(scored, log, SCORING))
    return {
        key(txn): values | {one.slot: own[order(txn)][one.name] for one in ones}
        for txn, values in features(scored)
    }


def agree(
    raws: Sequence[Raw],
    log: Sequence[Logged],
    cuts: Sequence[int],
    ones: Sequence[Declaration],
    crashes: frozenset[int] = frozenset(),
) -> Run:
    run = Run(raws, cuts, crashes, FeatureSet(ones), log)
    settled = wanted(raws, [one for one in log if one not in run.late_verdicts], ones)
    assert set(run.settled) == set(settled)
    for name, expected in settled.items():
        found = run.settled[name]
        assert found == expected, (name, differences(found, expected))
    assert all(one.feedback.source == "import" for one in run.late_verdicts)
    return run


@settings(max_examples=150, deadline=None)
@given(st.data(), streams(), CUTS, verdict_declarations(), st.frozensets(st.integers(0, 20)))
def test_verdicts_count_as_the_oracle_says(
    data: st.DataObject,
    raws: list[Raw],
    cuts: list[int],
    ones: list[Declaration],
    crashes: frozenset[int],
) -> None:
    agree(raws, data.draw(logs(raws)), cuts, ones, crashes)


FRAUDS = of_verdict("frauds", ("merchant_id",), "count", 'verdict == "fraud"')
HOUR = 3_600_000


def at_merchant(number: int, hours: int) -> Raw:
    time = START + hours * HOUR
    return raw(transaction(number, user_id=f"u{number}", event_time=time), number, number % 2)


def said(number: int, hours: int, verdict: str, after: int, source: str = "analyst") -> Logged:
    time, known_at = START + hours * HOUR, START + after * HOUR
    one = build((f"e{number:04d}", f"u{number}", time), verdict, source, known_at, "me")
    return Logged(one, known_at, 0, after)


def test_a_verdict_counts_a_minute_after_it_was_known_and_until_it_changes() -> None:
    raws = [at_merchant(number, 5 * number) for number in range(6)]
    log = [said(0, 0, "fraud", 1), said(0, 0, "legitimate", 12), said(1, 5, "fraud", 13)]
    run = agree(raws, log, [1, 1, 1, 1, 1], [FRAUDS])
    counted = [run.settled[name][FRAUDS.slot] for name in sorted(run.settled)]
    assert counted == [0, 1, 1, 1, 1, 1]
    assert run.late_verdicts == []


def test_an_import_of_what_has_been_decided_already_counts_for_nothing() -> None:
    raws = [at_merchant(number, 5 * number) for number in range(6)]
    late = said(0, 0, "fraud", 1, "import")._replace(append_time=START + 16 * HOUR)
    run = agree(raws, [late], [1, 1, 1, 1, 1], [FRAUDS])
    assert run.late_verdicts == [late]
