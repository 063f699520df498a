"""Challengers on the scoring path: what is written to risk.scores is what the oracle says."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flink_jobs.lines import JSON_KEY
from risk.engine.messages import Score
from risk.engine.oracle import expected
from risk.engine.rules import Ruleset, load
from risk.engine.stages.base import Raw
from risk.verify import comparison
from risk.verify.comparison import Line
from risk.verify.proof.digest import of_score, wanted
from tests.unit.flink_jobs.test_model_scores import consumed, files, invalid, run
from tests.unit.streams import SCORING, START, raw, records, transaction


def ruleset(rollout: str) -> Ruleset:
    """One whose model `card` has a challenger that says other things."""
    found = files()
    other: dict[str, Any] = json.loads(found["models/card.json"])
    other |= {"name": "card_next", "base": 2**31, "trees": other["trees"][:7]}
    found["models/card_next.json"] = json.dumps(other)
    return load(found | {"models/rollout.yaml": rollout})


HALF = ruleset("card: {challenger: card_next, share: 50, salt: s}")
SHADOWED = ruleset("card: {challenger: card_next, share: 20.5, salt: t, shadow: true}")


@pytest.mark.parametrize("ruleset", [HALF, SHADOWED])
@settings(max_examples=25, deadline=None)
@given(raws=records(), cut=st.integers(1, 40))
def test_what_is_written_is_what_the_oracle_says(
    ruleset: Ruleset, raws: list[Raw], cut: int
) -> None:
    lines = [line.split(JSON_KEY, 1) for line in run(raws, ruleset, cut)]
    want = expected(consumed(raws), ruleset, SCORING)
    told = [Line(key.encode(), value.encode()) for key, value in lines]
    assert comparison.scores(told, want, ruleset).problems == []
    settled = {}
    for _, value in lines:
        assert invalid(value) == []
        score = msgspec.json.decode(value, type=Score)
        key = score.event_id, score.user_id, score.event_time, score.late
        settled[key] = of_score(score)
    assert settled == wanted(want, ruleset, 10**6).scores


def said(ruleset: Ruleset) -> dict[str, dict[str, Any]]:
    """What the models said of a payment of each of 40 users."""
    raws = [
        raw(msgspec.structs.replace(transaction(n, event_time=START + n), user_id=f"u{n}"), n)
        for n in range(40)
    ]
    values = [json.loads(line.split(JSON_KEY, 1)[1]) for line in run(raws, ruleset, 7)]
    return {value["user_id"]: value["models"] for value in values}


def test_a_score_says_which_model_decided() -> None:
    plain = said(load(files()))
    for user, models in said(HALF).items():
        drawn = HALF.rollouts["card"].draws(user)
        by = "card_next" if drawn else "card"
        card = models["card"]
        assert (card["by"], card["file"]) == (by, HALF.models[by].digest[:12])
        assert models["spend"] == plain[user]["spend"]
        assert "by" not in models["spend"]
        assert sorted(models) == ["card", "spend"]
        if not drawn:
            assert card["score"] == plain[user]["card"]["score"]


def test_one_in_the_shadow_is_told_of_everyone() -> None:
    for user, models in said(SHADOWED).items():
        other = models["card_next"]
        assert other["file"] == SHADOWED.models["card_next"].digest[:12]
        assert "by" not in other
        if SHADOWED.rollouts["card"].draws(user):
            assert models["card"]["score"] == other["score"]


def test_a_score_by_the_other_model_is_a_mismatch() -> None:
    raws = [raw(transaction(1), 0)]
    (line,) = run(raws, HALF, 1)
    key, value = line.split(JSON_KEY, 1)
    message = json.loads(value)
    message["models"]["card"]["by"] = "spend"
    want = expected(consumed(raws), HALF, SCORING)
    told = Line(key.encode(), json.dumps(message).encode())
    (problem,) = comparison.scores([told], want, HALF).problems
    assert "models: card is ModelScore" in problem
