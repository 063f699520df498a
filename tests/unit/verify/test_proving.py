"""What `risk prove` compares: hashes that only content changes, revisions, and what they tell."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from msgspec.structs import astuple

from flink_jobs.messages import Writer
from generator.stream import records
from risk.config.settings import Scoring
from risk.engine.features.catalogue import DAY
from risk.engine.messages import Late, Score
from risk.engine.oracle import Consumed, Expected, expected
from risk.engine.rules.declaration import Declaration
from risk.engine.rules.parser import parse
from risk.engine.stages.base import MemoryStore
from risk.engine.stages.fused import Fused, Result
from risk.verify.comparison import Line
from risk.verify.proof.digest import Hashes, differences, hashed, of_late, of_score, total, wanted
from risk.verify.proof.growth import Growth, Point, outlasting, ratio
from risk.verify.proof.judge import Judgement, Scores
from risk.verify.proof.publishing import SPAN_S, disordered, long
from risk.verify.proof.variants import Run
from tests.unit.streams import quiet, reading
from tests.unit.verify.test_comparison import RULESET, lines, stream

MOST_BYTES = 65_536


def results() -> tuple[Expected, list[Result]]:
    raws = stream()
    fused = Fused(lambda stage: MemoryStore(), reading())
    found = [fused.on_batch([one]) for one in raws] + [fused.on_idle(quiet())]
    return expected([Consumed(*astuple(one)) for one in raws], RULESET, Scoring()), found


def score_lines(found: list[Result], run_id: str = "one", now: int = 1) -> list[Line]:
    writer = Writer(RULESET, run_id)
    return lines([line for one in found for line in writer.decisions(one.scorables, now).scores])


def taken(found: list[Line]) -> Scores:
    scores = Scores()
    for line in found:
        scores.take(line)
    return scores


def test_the_stages_have_the_oracles_hashes() -> None:
    want, found = results()
    scores = taken(score_lines(found))
    assert total(scores.settled()) == total(wanted(want, RULESET, MOST_BYTES).scores)
    assert scores.corrections() > 0
    assert set(scores.revisions()) == {0, 1}
    assert (scores.wrong_revisions(), scores.unneeded(), scores.repeated) == ([], 0, 0)


def test_late_events_have_the_oracles_hashes() -> None:
    want, found = results()
    writer = Writer(RULESET, "one")
    said = lines([line for one in found for line in writer.late(one.late)])
    late = dict(of_late(msgspec.json.decode(line.value or b"", type=Late)) for line in said)
    assert late
    assert late == wanted(want, RULESET, MOST_BYTES).late


def test_who_said_it_and_when_is_not_hashed() -> None:
    _, found = results()
    one, other = (taken(score_lines(found, *run)) for run in (("a", 1), ("b", 2)))
    assert one.settled() == other.settled()


@pytest.mark.parametrize("field", ["score", "decision", "reasons", "features", "transaction"])
def test_any_content_is_hashed(field: str) -> None:
    _, found = results()
    line = next(line for line in score_lines(found) if b'"reasons":[{' in (line.value or b""))
    score = msgspec.json.decode(line.value or b"", type=Score)
    other: object = {
        "score": score.score + 1,
        "decision": "ALLOW",
        "reasons": (),
        "features": score.features | {"user_distance_km": 0},  # not 0.0
        "transaction": msgspec.structs.replace(score.transaction, amount=1),
    }[field]
    assert of_score(msgspec.structs.replace(score, **{field: other})) != of_score(score)


def test_the_hash_of_all_is_of_a_set() -> None:
    hashes: Hashes = {(f"e{n}", "u", n): hashed(n) for n in range(50)}
    shuffled = list(hashes.items())
    Random(1).shuffle(shuffled)
    assert total(dict(shuffled)) == total(hashes)
    assert total({**hashes, ("e1", "u", 1): hashed(2)}) != total(hashes)
    del hashes["e7", "u", 7]
    assert total(hashes) != total(dict(shuffled))


def test_differences_name_what_is_missing_wrong_or_too_much() -> None:
    found = differences({(1,): b"a", (2,): b"b", (3,): b"c"}, {(2,): b"b", (3,): b"x", (4,): b"d"})
    assert list(found) == [((1,), "must not be there"), ((3,), "differs"), ((4,), "is missing")]


def test_the_last_record_of_the_highest_revision_counts() -> None:
    _, found = results()
    said = score_lines(found)
    corrected = next(line for line in said if b'"revision":1' in (line.value or b""))
    first = taken(said)
    again = taken([*said, *said[:20]])
    assert again.repeated == 20
    assert again.settled() == first.settled()
    score = msgspec.json.decode(corrected.value or b"", type=Score)
    worse = msgspec.json.encode(msgspec.structs.replace(score, revision=2))
    wrong = taken([*said, Line(corrected.key, worse)])
    assert len(wrong.wrong_revisions()) == 1
    assert wrong.revisions()[2] == 1
    needless = msgspec.json.encode(msgspec.structs.replace(score, revision=0))
    only = [line for line in said if score.event_id.encode() not in (line.value or b"")]
    assert taken([*only, Line(b"u1", needless), corrected]).unneeded() == 1


def judgement(**changes: object) -> Judgement:
    fields: dict[str, object] = {
        "scored": 7,
        "late": 1,
        "rejected": 1,
        "corrections": 1,
        "revisions": {0: 6, 1: 1},
        "repeated": 0,
        "unneeded": 0,
        "scores_hash": "",
        "late_hash": "",
        "rejected_hash": "",
        "differences": 0,
        "problems": [],
    }
    return msgspec.convert(fields | changes, Judgement)


def run(**changes: object) -> Run:
    fields: dict[str, object] = {
        "how": "",
        "seconds": 1.0,
        "consumed": 10,
        "behind": 0,
        "judgement": judgement(),
        "outcomes": {"scored": 7, "duplicate": 1, "late": 1, "rejected": 1},
        "checkpoint_bytes": 0,
        "state_bytes": 0,
    }
    return Run(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"behind": 1}, "1 events came behind the frontier"),
        ({"judgement": judgement(unneeded=2)}, "2 corrections changed nothing"),
        ({"judgement": judgement(problems=["x differs"])}, "x differs"),
        ({"consumed": 9}, "of 10 records 9 were counted"),
        (
            {"judgement": judgement(scored=6)},
            "scored, late, rejected: (7, 1, 1) were counted, (6, 1, 1)",
        ),
        ({"consumed": 4, "stopped_at": 6}, None),  # the counters began anew
    ],
)
def test_a_run_says_what_is_wrong_with_it(changes: dict[str, object], problem: str | None) -> None:
    found = run(**changes).problems(10)
    assert len(found) == (problem is not None)
    assert not problem or problem in found[0]


@pytest.mark.parametrize(("last", "flat"), [(90, True), (124, True), (200, False)])
def test_state_that_grows_is_no_proof(last: int, flat: bool) -> None:
    points = [Point(n, size, 0, 0) for n, size in enumerate([80, 120, last - 10, last + 10])]
    found = Growth("", points, ratio(points))
    assert found.ratio == last / 100
    assert bool(found.problems()) is not flat
    assert Growth("", points, ratio(points), judged=False).problems() == []


def test_state_is_judged_where_all_that_is_looked_back_at_goes_by() -> None:
    def counted(name: str, window: int = 0, session: int = 0) -> Declaration:
        return Declaration(name, ("user_id",), "count", window=window, session=session)

    where = parse('verdict == "fraud"')
    frauds = Declaration("frauds", ("user_id",), "count", window=60_000, where=where)
    short = [counted("minutes", window=300_000), counted("visit", session=1_800_000)]
    long_ones = [counted("hours", window=7_200_000), counted("days", window=DAY)]
    assert outlasting(short) == []
    assert outlasting([*short, *long_ones, frauds]) == ["hours", "days", "frauds"]


def test_the_streams_have_all_kinds_of_records() -> None:
    kinds = [
        {record.kind for record in records(config)}
        for config in (disordered(3_000, 1, 2_000.0, 10**12, 4), long(3_000, 1, 10**12, 4))
    ]
    assert kinds == [{"on_time", "out_of_order", "late", "duplicate", "malformed"}] * 2
    assert long(3_000, 1, 10**12, 4).duration_s == SPAN_S
