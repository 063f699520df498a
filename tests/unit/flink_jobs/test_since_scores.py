"""A run that does not know all of the past, on the scoring path: what is written and checked."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from flink_jobs import score
from flink_jobs.lines import JSON_KEY
from risk.engine.features.catalogue import DAY, MINUTE
from risk.engine.messages import Score
from risk.engine.oracle import expected
from risk.engine.since import WHOLE, History
from risk.engine.stages.base import Raw
from risk.verify import comparison
from risk.verify.comparison import Line
from risk.verify.histories import Histories
from risk.verify.proof.digest import of_score
from tests.unit.flink_jobs.test_model_scores import RULESET, SCHEMA, consumed, invalid, run
from tests.unit.streams import SCORING, START, raw, records, transaction

RUN = "live-1"


def scores(raws: list[Raw], history: History, cut: int = 9) -> list[Score]:
    lines = run(raws, RULESET, cut, history=history)
    return [msgspec.json.decode(line.split(JSON_KEY, 1)[1], type=Score) for line in lines]


def problems(raws: list[Raw], told: list[Score], moment: int | None) -> list[str]:
    lines = [Line(one.user_id.encode(), msgspec.json.encode(one)) for one in told]
    want = expected(consumed(raws), RULESET, SCORING)
    histories = Histories({RUN: moment}, SCORING)
    return comparison.scores(lines, want, RULESET, histories=histories).problems


@settings(max_examples=40, deadline=None)
@given(
    raws=records(),
    cut=st.integers(1, 40),
    moment=st.sampled_from([None, START - 40 * DAY, START - DAY - 1, START - MINUTE, START + 500]),
)
def test_what_is_written_is_what_the_oracle_says(
    raws: list[Raw], cut: int, moment: int | None
) -> None:
    told = scores(raws, History(moment), cut)
    for one in told:
        assert invalid(msgspec.json.encode(one).decode()) == []
    wrong = problems(raws, told, moment)
    assert wrong == []


def test_what_a_score_says_of_its_history_is_checked() -> None:
    raws = [raw(transaction(number, event_time=START + number), number) for number in range(3)]
    moment = START - MINUTE
    told = scores(raws, History(moment))
    assert {tuple(one.since or ()) for one in told} == {tuple(told[0].since or ())}
    assert isinstance(told[0].since, dict)
    assert "user_count_5m" in told[0].since
    assert problems(raws, told, moment) == []
    assert any("since" in one for one in problems(raws, told, None))
    assert any("since" in one for one in problems(raws, told, moment + 1))
    silent = [msgspec.structs.replace(one, since=msgspec.UNSET) for one in told]
    assert any("since" in one for one in problems(raws, silent, moment))
    # It is of the run, and not of what is decided.
    assert [of_score(one) for one in silent] == [of_score(one) for one in told]


def test_a_run_that_was_to_read_less_is_not_judged_by_more() -> None:
    early = [raw(transaction(number, event_time=START + number), number) for number in range(3)]
    moment = START + MINUTE
    later = [raw(transaction(9, event_time=moment + MINUTE), 3)]
    told = scores([*early, *later], WHOLE)
    short = scores(later, History(moment))
    assert short[0].features != told[-1].features
    lines = [Line(one.user_id.encode(), msgspec.json.encode(one)) for one in told[:3] + short]
    want = expected(consumed([*early, *later]), RULESET, SCORING)

    def found(oldest: int) -> comparison.Scores:
        histories = Histories({RUN: moment}, SCORING)
        older = msgspec.structs.replace(want, oldest=oldest)
        return comparison.scores(
            lines[3:], older, RULESET, want.scores.keys(), None, None, histories
        )

    # Those before the moment are missing here; what differs of the other isn't judged.
    assert {one for one in found(want.oldest).problems if "is missing" not in one} == set()
    assert found(want.oldest).unjudged == {("e0009", "u1", moment + MINUTE)}
    # Where there is nothing older than it has read, it is.
    assert any("features: " in one for one in found(moment).problems)


def test_the_score_of_a_run_that_knows_all_is_as_it_was() -> None:
    (one,) = scores([raw(transaction(1), 0)], WHOLE)
    assert b"since" not in msgspec.json.encode(one)


def test_a_job_is_told_what_it_knows_of_the_past(capsys: pytest.CaptureFixture[str]) -> None:
    assert score._arguments([]).history_since is None
    assert score._arguments(["--history-since", str(START)]).history_since == START
    with pytest.raises(SystemExit):
        score._arguments(["--history-since", "2026-03-01"])
    assert "--history-since: 2026-03-01: a time in ms UTC" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [{}, {"A": 1}, {"user_count_5m": -1}, {"user_count_5m": 1.5}, {"x": 2**60}, []]
)
def test_the_schema_and_the_code_refuse_the_same(wrong: object) -> None:
    (one,) = scores([raw(transaction(1), 0)], WHOLE)
    message = json.loads(msgspec.json.encode(one))
    del message["features"]["merchant_mean_1h"]
    assert not list(Draft202012Validator(SCHEMA).iter_errors(message))
    message["since"] = wrong
    assert list(Draft202012Validator(SCHEMA).iter_errors(message))
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps(message), type=Score)
