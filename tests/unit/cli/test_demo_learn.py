"""What the demo that learns makes of scores, and the ruleset that it writes."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from risk.cli.demonstration.learning import recall, rulesets
from risk.cli.demonstration.learning.compared import reported
from risk.cli.demonstration.learning.course import NEW
from risk.cli.demonstration.learning.outcome import no_better, wrong_sum
from risk.cli.demonstration.learning.recall import Told, judge, told
from risk.cli.demonstration.learning.show import show
from risk.cli.demonstration.learning.summary import Learned, Learning, StageSummary, Step
from risk.cli.demonstration.moment import Pace
from risk.cli.demonstration.summary import Store
from risk.cli.demonstration.tally import Tally
from risk.cli.main import main
from risk.engine.messages import Label, MaskedTransaction, ModelScore, Reason, Score
from risk.engine.rules.cases import run_cases
from risk.errors import UserError
from risk.ops.ruleset_folder import read_folder, read_whole
from risk.paths import RULES
from tests.unit.engine.rules.test_models import model

MARK = "0f3a91c27bd4"
DEFAULT = read_folder(RULES / "default")


def score(event: int, *rules: tuple[str, int], of_model: int = 0) -> Score:
    points = min(100, sum(points for _, points in rules))
    return Score(
        schema_version=1,
        event_id=f"e{event}",
        user_id="u1",
        event_time=event,
        run_id="live-1",
        ruleset="learned",
        ruleset_version=2,
        fingerprint="f" * 64,
        revision=0,
        score=points,
        decision="REVIEW" if points >= 50 else "ALLOW",
        reasons=tuple(Reason(rule, 1, points, "") for rule, points in rules),
        features={},
        transaction=MaskedTransaction(1, "EUR"),
        scored_at=event,
        models={rulesets.NAME: ModelScore(of_model, (), file=MARK)},
    )


def label(event: int, attack: str | None = None) -> Label:
    return Label(1, f"e{event}", "u1", event, attack is not None, attack)


def labels(*found: Label) -> dict[tuple[str, str], Label]:
    return {(one.event_id, one.user_id): one for one in found}


def test_rules_alone_are_the_points_without_those_of_the_model() -> None:
    both = score(1, ("ip_burst", 65), (rulesets.RULE, 50))
    assert recall.without(both, rulesets.RULE, DEFAULT) == (65, "REVIEW")
    assert recall.without(score(1, (rulesets.RULE, 50)), rulesets.RULE, DEFAULT) == (0, "ALLOW")
    many = score(1, ("a", 65), ("b", 60), (rulesets.RULE, 50))
    assert recall.without(many, rulesets.RULE, DEFAULT) == (100, "BLOCK")


def test_the_same_payments_are_judged_both_ways() -> None:
    truth = labels(label(1, NEW), label(2, "ip_burst"), *map(label, range(10, 300)))
    scores = [
        score(1, (rulesets.RULE, 50)),
        score(2, ("ip_burst", 65)),
        score(10, (rulesets.RULE, 50)),
        *map(score, range(11, 300)),
        score(999, ("ip_burst", 65)),  # nobody knows what this was
    ]
    found = judge(scores, truth, rulesets.RULE, DEFAULT)
    assert found.without.attacks[NEW].at_budgets == [0.0, 0.0, 0.0]
    assert found.decided.attacks[NEW].at_budgets == [0.0, 1.0, 1.0]
    assert found.without.attacks["ip_burst"] == found.decided.attacks["ip_burst"]
    assert (found.without.honest_flagged, found.decided.honest_flagged) == (0, 1)
    assert no_better(found) == []
    same = recall.Judged(found.without, found.without)
    assert no_better(same) == [f"of {NEW} the model finds no more: 0.0% instead of 0.0%"]
    empty = judge([], {}, rulesets.RULE, DEFAULT)
    assert no_better(empty)[0].startswith(f"no payment of {NEW} came")


def test_in_the_shadow_a_model_only_tells() -> None:
    truth = labels(label(1, NEW), label(2, NEW), label(3), label(4), label(5, "ip_burst"))
    scores = [score(n, of_model=by) for n, by in ((1, 900), (2, 10), (3, 700), (4, 699), (5, 1000))]
    assert told(scores, truth, rulesets.NAME, 700, NEW) == Told(2, 1, 2, 1)
    silent = msgspec.structs.replace(scores[0], models=msgspec.UNSET)
    assert told([silent], truth, rulesets.NAME, 0, NEW) == Told(1, 0, 0, 0)


def test_the_ruleset_that_learns_is_the_other_with_a_model_and_a_rule(tmp_path: Path) -> None:
    folder = tmp_path / rulesets.NAME
    files = {**read_whole(RULES / "default").files, rulesets.MODEL_FILE: model(rulesets.NAME)}
    rulesets.write(folder, files, 3)
    silent = read_folder(folder)
    assert (silent.name, silent.version, silent.review) == ("learned", 3, DEFAULT.review)
    assert [rule.id for rule in silent.rules] == [rule.id for rule in DEFAULT.rules]
    rulesets.write(folder, files, 4, rulesets.asking(silent, 0))
    asking = read_folder(folder)
    assert {rule.id for rule in asking.rules} - {rule.id for rule in silent.rules} == {
        rulesets.RULE
    }
    assert all(case.passed for case in run_cases(asking))
    (rule,) = [one for one in asking.rules if one.id == rulesets.RULE]
    assert rule.points == DEFAULT.review


@pytest.mark.parametrize("known", [False, True], ids=["noticed later", "known before"])
def test_a_run_that_has_ended_counts_no_more_payments_but_what_comes_of_its_own(
    known: bool,
) -> None:
    tally = Tally(("default", 3), {0: 0})
    for offset, event in enumerate("aba"):
        value = {"event_id": event, "user_id": "u1", "event_time": 1}
        if offset and known:
            tally.cut({0: 1})
        tally.transaction((0, offset), 5, msgspec.json.encode(value))
        fields = {"ruleset": "default", "ruleset_version": 3, "revision": 0, "score": 0}
        tally.score(6, msgspec.json.encode({**value, **fields, "decision": "ALLOW"}))
    if not known:
        assert tally.counts().events == 3
        tally.cut({0: 1})
    corrected = {"event_id": "a", "user_id": "u1", "event_time": 1, **fields}
    tally.score(9, msgspec.json.encode({**corrected, "revision": 1, "decision": "BLOCK"}))
    assert tally.counts() == (1, 1, 0, 0, 0, 0)
    ((key, _, emitted),) = tally.settled()
    assert (key[0], emitted.revision, emitted.decision) == ("a", 1, "BLOCK")


def test_what_was_late_or_rejected_is_cut_off_with_the_rest() -> None:
    tally = Tally(("default", 3), {0: 0})
    for offset, event in enumerate("abc"):
        value = {"event_id": event, "user_id": "u1", "event_time": 1}
        tally.transaction((0, offset), 5, msgspec.json.encode(value))
    place = {"__connect.errors.topic": b"payments", "__connect.errors.partition": b"0"}
    tally.dead_letter("payments", {**place, "__connect.errors.offset": b"1"})
    assert tally.counts() == (3, 0, 0, 0, 1, 2)
    tally.cut({0: 1})
    tally.dead_letter("payments", {**place, "__connect.errors.offset": b"2"})
    assert tally.counts() == (1, 0, 0, 0, 0, 1)


def test_every_record_that_was_sent_is_in_one_stage() -> None:
    assert wrong_sum(60, [30, 20, 10]) == []
    assert wrong_sum(61, [30, 20, 10]) == [
        "61 records were acknowledged, and the stages have 60 in all"
    ]


def test_the_pace_is_worked_out_once_a_second() -> None:
    pace = Pace(10.0)
    assert [pace.look(10.5, 100), pace.look(12.0, 600), pace.look(12.5, 900)] == [0.0, 300.0, 300.0]


def test_a_comparison_that_says_nothing_is_told_in_its_last_words() -> None:
    with pytest.raises(UserError, match=r"^learned:2 was not compared: no broker$"):
        reported("learned:2", "", "a warning\nrisk: no broker\n")
    with pytest.raises(UserError, match="no output"):
        reported("learned:2", "", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--chaos",), "--chaos: the demo that learns has a course of its own"),
        (("--attack", "all"), "--attack: the demo that learns has a course of its own"),
        (("--duration", "30"), "--learn: too few frauds to learn from: at least --duration 100"),
        (("--rate", "20"), "--learn: too few frauds to learn from: at least --duration 100"),
    ],
)
def test_what_the_course_cannot_do_is_refused_at_once(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--learn", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"risk: {message}")


def summary(**changes: object) -> Learned:
    truth = labels(label(1, NEW), *map(label, range(10, 300)))
    scores = [score(1, (rulesets.RULE, 50)), *map(score, range(10, 300))]
    stages = [
        StageSummary(
            name=name,
            ruleset=ruleset,
            sent=34_000,
            events=34_000,
            scored=33_500,
            duplicate=350,
            late=80,
            rejected=70,
            waiting=0,
            corrected=90,
            stores={"postgres": Store(33_500, 900, 33_580), "redis": Store(33_500, 900)},
            mismatches=0,
        )
        for name, ruleset in (
            ("learning", "default:3"),
            ("in the shadow", "learned:11"),
            ("with the model", "learned:12"),
        )
    ]
    learning = Learning(
        sha256=MARK + "0" * 52,
        kind="boosting",
        threshold=412,
        verdicts=412,
        late_s=10,
        payments=21_000,
        frauds=250,
        held_out=6_000,
        figures={},
    )
    found = Learned(
        ok=True,
        seed=7,
        rate=300,
        seconds=301.5,
        new=NEW,
        sent=102_000,
        learning=learning,
        steps=[Step("rules alone decide", 40.0)],
        stages=stages,
        statuses=["shadow", "production"],
        told=Told(40, 35, 7_000, 3),
        judged=judge(scores, truth, rulesets.RULE, DEFAULT),
        disagreements=[],
    )
    return msgspec.structs.replace(found, **changes)


def test_the_summary_fits_into_80_columns() -> None:
    out = StringIO()
    show(summary(), Console(file=out, force_terminal=True, width=80, color_system=None))
    tables = [line for line in out.getvalue().splitlines() if line[:1] in "┃│┏└"]
    assert tables
    assert max(map(len, tables)) <= 80
    assert "no room" not in out.getvalue()
    assert "…" not in out.getvalue()
    assert "all counts agree, and the model is worth it" in out.getvalue()


def test_through_a_pipe_the_summary_is_lines_of_cells() -> None:
    out = StringIO()
    wrong = summary(ok=False, disagreements=["learning: 1 record has no outcome"])
    show(wrong, Console(file=out, width=80))
    lines = out.getvalue().splitlines()
    assert f"{NEW}\t1\trules\t0.0%\t0.0%\t0.0%" in lines
    assert f"{NEW}\t1\twith model\t100.0%\t100.0%\t100.0%" in lines
    assert lines[-1] == "wrong: learning: 1 record has no outcome"
