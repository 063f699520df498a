"""Scores and feedback in, rows of a training set out: nothing in them is from the future."""

from __future__ import annotations

from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.feedback import Logged, Verdict
from risk.engine.messages import Score
from risk.errors import UserError
from risk.ops.models.sets.labels import Known, history
from risk.ops.models.sets.latest import Latest, ScoreSource
from risk.ops.models.sets.promises import keep
from risk.ops.models.sets.rows import promised
from risk.ops.models.sets.terms import Terms
from tests.unit.ops.models.sets import (
    DAY,
    FEATURES,
    NOON,
    PRINT,
    TERMS,
    built,
    row,
    said,
    score,
)

OTHER = "a" * 64


def test_a_row_is_what_scoring_saw_and_what_was_said() -> None:
    (found,), counts = built([score()], [said("fraud", NOON + DAY)])
    assert found[:3] == ("e1", "u-1", NOON)
    assert (found.verdict, found.known_at) == ("fraud", NOON + DAY)
    assert (found.country, found.channel, found.score) == ("DE", "web", 10)
    assert found.inputs == (1_500, 12, 3, 1.25, True)
    assert (counts.rows, counts.fraud, counts.legitimate, counts.unlabelled) == (1, 1, 0, 0)


def test_blocked_payments_of_which_nobody_can_say_are_counted() -> None:
    blocked: dict[str, Any] = {"decision": "BLOCK", "score": 90}
    scores = [score("e1", **blocked), score("e2", **blocked), score("e3")]
    _, counts = built(scores, [said("fraud", NOON + DAY)])
    assert (counts.unlabelled, counts.blocked) == (2, 1)


def test_the_last_revision_counts_in_whatever_order_and_however_often_it_comes() -> None:
    first, second = score(), score(revision=1, score=60, features={**FEATURES, "user_count_5m": 4})
    for order in permutations((first, first, second)):
        (found,), _ = built(order)
        assert (found.score, found.inputs[2]) == (60, 4)


def test_what_another_ruleset_decided_anew_counts_whatever_was_corrected_before() -> None:
    anew = score(score=70, ruleset_version=2, fingerprint="a" * 64)
    (found,), _ = built([score(), score(revision=1), anew])
    assert found.score == 70


def test_late_payments_are_left_out_and_counted_unless_one_was_in_time() -> None:
    scores = [score("e1", late=True), score("e2", late=True), score("e2"), score("e3")]
    rows, counts = built(scores)
    assert [one.event_id for one in rows] == ["e2", "e3"]
    assert counts.left_out == {"late": 1, "not_mature": 0}


def test_rows_are_of_the_range_and_mature() -> None:
    times = [-1, 0, 10 * DAY - 1, 10 * DAY]
    rows, _ = built([score(f"e{n}", NOON + at) for n, at in enumerate(times)])
    assert [one.event_id for one in rows] == ["e1", "e2"]
    young = Terms(begin=NOON, to=NOON + 10 * DAY, as_of=NOON + 10 * DAY, mature=7 * DAY)
    ages = [score(f"e{n}", NOON + at) for n, at in enumerate((0, 3 * DAY, 3 * DAY + 1))]
    rows, counts = built(ages, terms=young)
    assert [one.event_id for one in rows] == ["e0", "e1"]
    assert counts.left_out["not_mature"] == 1


def test_which_scores_are_taken() -> None:
    scores = [
        score("live", score=1),
        score("live", score=2, kind="shadow", fingerprint=OTHER, ruleset="strict"),
        score("live", score=3, kind="replay", run_id="replay-1"),
    ]
    for which, points in (
        (ScoreSource(), 1),
        (ScoreSource(fingerprint=OTHER), 2),
        (ScoreSource(run="replay-1"), 3),
        (ScoreSource(fingerprint=PRINT), 1),
    ):
        (found,), _ = built(scores, which=which)
        assert found.score == points


def made(scores: list[Score], which: ScoreSource) -> str:
    latest = Latest(which, TERMS)
    for number, one in enumerate(scores):
        latest.take(one, (0, 0, number))
    with pytest.raises(UserError) as raised:
        latest.made()
    return str(raised.value)


def test_a_mixture_of_rulesets_is_refused_by_their_names() -> None:
    said = made(
        [score("e1"), score("e2"), score("e3", ruleset_version=2, fingerprint=OTHER)], ScoreSource()
    )
    assert "2 rulesets: 2 by shop:1 (ffffffffffff), 1 by shop:2 (aaaaaaaaaaaa): name" in said


@pytest.mark.parametrize(
    ("scores", "which", "message"),
    [
        ([], ScoreSource(), "have live scores: take another time, or those of a replay, --run"),
        (
            [score()],
            ScoreSource(run="replay-9"),
            "--run replay-9: it scored none from 2025-03-01 12:00",
        ),
        ([score()], ScoreSource(fingerprint=OTHER), "--ruleset: it scored no payments"),
        ([score(late=True)], ScoreSource(), "all 1 payments from 2025-03-01 12:00:00.000 up to"),
    ],
)
def test_nothing_to_build_of_is_told(scores: list[Score], which: ScoreSource, message: str) -> None:
    assert message in made(scores, which)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"features": {"new_device": True}},
            "event e1 of user u-1: its score has no user_count_5m",
        ),
        ({"features": {**FEATURES, "user_count_5m": 2.5}}, "user_count_5m is 2.5: it is no int"),
        ({"features": {**FEATURES, "user_count_5m": 2**63}}, "it is no int"),
        ({"features": {**FEATURES, "new_device": 1}}, "new_device is 1: it is no bool"),
    ],
)
def test_a_score_without_its_inputs_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        built([score(**changes)])


def test_a_whole_number_stands_for_a_fraction() -> None:
    (found,), _ = built([score(features={**FEATURES, "merchant_mean": 2})])
    assert found.inputs[3] == 2.0
    assert type(found.inputs[3]) is float


def test_what_people_say_is_known_once_it_is_in_the_log_and_an_import_says_since_when() -> None:
    late = NOON + 15 * DAY
    assert said("fraud", NOON, appended=late).known_since == late
    assert said("fraud", NOON, appended=late, source="import").known_since == NOON
    assert said("fraud", late, appended=NOON).known_since == late
    before = [said("fraud", NOON + DAY, appended=late)]
    assert history(before, late - 1) == ()
    assert history(before, late) == (("fraud", late),)


def test_the_verdict_is_the_one_that_counted_then() -> None:
    log = [
        said("fraud", NOON + DAY, offset=0),
        said("legitimate", NOON + 2 * DAY, offset=1),
        said("fraud", NOON + 3 * DAY, source="chargeback", offset=2),
        said("legitimate", NOON + 4 * DAY, offset=3),
    ]
    found = [[one.verdict for one in history(log, NOON + day * DAY)] for day in range(6)]
    assert [one[-1:] for one in found] == [
        *([], ["fraud"], ["legitimate"], ["fraud"], ["fraud"], ["fraud"])
    ]
    assert found[-1] == ["fraud", "legitimate", "fraud"]


def test_a_verdict_that_is_confirmed_is_known_since_before() -> None:
    log = [
        said("fraud", NOON + DAY, offset=0),
        said("fraud", NOON + 3 * DAY, source="chargeback", offset=1),
    ]
    assert history(log, NOON + 5 * DAY) == (("fraud", NOON + DAY),)
    (found,), _ = built([score()], log)
    assert (found.verdict, found.known_at, found.earlier) == ("fraud", NOON + DAY, ())


def test_a_set_holds_the_verdicts_that_held_before() -> None:
    log = [
        said("fraud", NOON + DAY, offset=0),
        said("legitimate", NOON + 3 * DAY, source="chargeback", offset=1),
    ]
    (found,), _ = built([score()], log)
    assert (found.verdict, found.known_at) == ("legitimate", NOON + 3 * DAY)
    assert found.earlier == (("fraud", NOON + DAY),)


def test_a_payment_from_the_future_is_refused_and_so_is_a_label() -> None:
    good = [row(1, NOON), row(2, NOON + DAY, verdict="fraud", known_at=TERMS.as_of)]
    keep(promised(good), TERMS)
    for planted, message in (
        (row(3, TERMS.to), r"event e3 of user u-3: event_time 2025-03-11 .* is beyond the range"),
        (row(3, TERMS.as_of + 1), r"e3 of user u-3: event_time .* is from the future"),
        (row(3, NOON - 1), "event_time .* is before the range"),
        (
            row(3, NOON, verdict="fraud", known_at=TERMS.as_of + 1),
            r"event e3 of user u-3: known_at 2025-03-21 12:00:00.001 is from the future: "
            r"the set is as of 2025-03-21 12:00:00.000",
        ),
        (row(3, NOON, verdict="fraud"), "known_at -1 is missing beside a verdict"),
        (row(3, NOON, known_at=NOON), "known_at .* is there without a verdict"),
        (row(3, NOON, verdict="maybe", known_at=NOON), "verdict maybe is none of"),
        (
            row(3, NOON, verdict="fraud", known_at=NOON, earlier=(Known("legitimate", NOON),)),
            "earlier .* is no history of the verdict",
        ),
        (row(1, NOON), "event_id e1 stands twice"),
    ):
        with pytest.raises(UserError, match=message):
            keep(promised([*good, planted]), TERMS)


def test_a_payment_that_is_too_young_is_refused() -> None:
    young = Terms(begin=NOON, to=NOON + 10 * DAY, as_of=NOON + 10 * DAY, mature=7 * DAY)
    keep(promised([row(1, NOON + 3 * DAY)]), young)
    with pytest.raises(UserError, match="is too young to have an outcome"):
        keep(promised([row(1, NOON + 3 * DAY + 1)]), young)


EVENTS = st.sampled_from(["e1", "e2", "e3", "e4"])
LOG = st.lists(
    st.tuples(
        EVENTS,
        st.sampled_from(["fraud", "legitimate"]),
        st.sampled_from(["import", "analyst", "chargeback"]),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=12,
)


def log_of(
    entries: list[tuple[str, Verdict, str, int, int]],
) -> list[Logged]:
    return [
        said(
            *(verdict, NOON + known * DAY, event),
            event_time=NOON + int(event[1]) * DAY,
            source=source,
            appended=NOON + appended * DAY,
            offset=offset,
        )
        for offset, (event, verdict, source, known, appended) in enumerate(entries)
    ]


@given(LOG, st.integers(11, 30), st.integers(0, 10))
def test_later_more_is_known_and_never_less(
    entries: list[tuple[str, Verdict, str, int, int]], day: int, more: int
) -> None:
    scores = [score(f"e{n}", NOON + n * DAY) for n in range(1, 5)]
    log = log_of(entries)
    earlier, later = (
        built(scores, log, Terms(NOON, NOON + 10 * DAY, NOON + at * DAY, 7 * DAY)).rows
        for at in (day, day + more)
    )
    assert {one.event_id for one in earlier} <= {one.event_id for one in later}
    labelled = [{one.event_id for one in rows if one.verdict} for rows in (earlier, later)]
    assert labelled[0] <= labelled[1]
    for one in later:
        assert one.known_at is None or one.known_at <= NOON + (day + more) * DAY


@given(LOG, st.randoms(use_true_random=False))
def test_the_order_in_which_topics_are_read_changes_nothing(
    entries: list[tuple[str, Verdict, str, int, int]], random: Random
) -> None:
    scores = [score(f"e{n}", NOON + n * DAY) for n in range(1, 5)]
    log = log_of(entries)
    wanted = built(scores, log)
    random.shuffle(scores)
    random.shuffle(log)
    assert built(scores, log) == wanted
