"""A control group on the scoring path: what is written is what the oracle says of it."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from flink_jobs.lines import JSON_KEY
from risk.engine.messages import ControlGroup, Score
from risk.engine.oracle import expected
from risk.engine.stages.base import Raw
from risk.verify import comparison
from risk.verify.comparison import Line
from risk.verify.proof.digest import of_score, wanted
from tests.unit.engine.control_groups import loaded
from tests.unit.flink_jobs.test_model_scores import SCHEMA, consumed, run
from tests.unit.streams import SCORING, START, raw, records, transaction

RULESET = loaded()


def invalid(value: str) -> list[str]:
    """What the schema has against a score; it knows the catalogue's features alone."""
    message = json.loads(value)
    for one in RULESET.features:
        del message["features"][one.name]
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(message)]


@settings(max_examples=40, deadline=None)
@given(raws=records(), cut=st.integers(1, 40))
def test_what_is_written_is_what_the_oracle_says(raws: list[Raw], cut: int) -> None:
    lines = [line.split(JSON_KEY, 1) for line in run(raws, RULESET, cut)]
    want = expected(consumed(raws), RULESET, SCORING)
    told = [Line(key.encode(), value.encode()) for key, value in lines]
    assert comparison.scores(told, want, RULESET).problems == []
    settled = {}
    for _, value in lines:
        assert invalid(value) == []
        score = msgspec.json.decode(value, type=Score)
        settled[score.event_id, score.user_id, score.event_time, score.late] = of_score(score)
    assert settled == wanted(want, RULESET, 10**6).scores


def test_a_decision_of_another_draw_is_a_mismatch_and_another_hash() -> None:
    raws = [raw(transaction(number, event_time=START + number), number) for number in range(3)]
    want = expected(consumed(raws), RULESET, SCORING)
    for line in run(raws, RULESET, 9):
        key, value = line.split(JSON_KEY, 1)
        true = msgspec.json.decode(value, type=Score)
        assert isinstance(true.control_group, ControlGroup)
        other = msgspec.structs.replace(true.control_group, propensity=7)
        lie = msgspec.structs.replace(true, control_group=other)
        told = Line(key.encode(), msgspec.json.encode(lie))
        problems = comparison.scores([told], want, RULESET).problems
        assert any("control_group is ControlGroup" in one for one in problems)
        assert of_score(lie) != of_score(true)


def test_the_schema_and_the_code_take_the_same() -> None:
    (line,) = run([raw(transaction(1), 0)], RULESET, 1)
    message = json.loads(line.split(JSON_KEY, 1)[1])
    for wrong in ({"released": True}, {"released": 1, "propensity": 5}, {**message, "x": 1}):
        assert invalid(json.dumps(message | {"control_group": wrong}))
    assert invalid(json.dumps(message | {"control_group": {"released": True, "propensity": 1_001}}))


def test_what_is_released_is_not_flagged() -> None:
    raws = [raw(transaction(number, event_time=START + number), number) for number in range(3)]
    want = expected(consumed(raws), RULESET, SCORING)
    assert {one.outcome.decision for one in want.scores.values()} == {"ALLOW", "BLOCK"}
    lines = [line.split(JSON_KEY, 1) for line in run(raws, RULESET, 9)]
    told = [Line(key.encode(), value.encode()) for key, value in lines]
    scores = comparison.scores(told, want, RULESET)
    assert len(scores.flagged) == sum(
        one.outcome.decision == "BLOCK" for one in want.scores.values()
    )
