"""Models on the scoring path: what is written to risk.scores is what the oracle says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from flink_jobs.lines import JSON_KEY
from flink_jobs.messages import Tally, Writer
from risk.engine.features.feature_set import FeatureSet
from risk.engine.messages import ModelScore, Score
from risk.engine.models.format import Calibration, Input, ModelFile, encode
from risk.engine.models.panel import Panel
from risk.engine.oracle import Consumed, expected
from risk.engine.rules import Ruleset, load
from risk.engine.since import WHOLE, History
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.fused import Fused
from risk.verify import comparison
from risk.verify.comparison import Line
from risk.verify.proof.digest import of_score, wanted
from tests.unit.engine.models.ensembles import spread
from tests.unit.streams import SCORING, START, quiet, raw, reading, records, transaction

FEATURE = """\
merchant_mean_1h:
  key: merchant_id
  window: 1h
  value: mean(amount)
  about: what a payment brings the merchant
  tests: [{name: one, payments: [{amount: 40}], value: 40.0}]
"""
RULE = """\
id: risky
version: 1
description: The models say so.
points: 60
when: model("card") > 704 or anomaly("spend") > 700
reason: '{model("card")}, {anomaly("spend")}: {model("card"):why}'
tests:
  - {name: high, hit: true, given: {model("card"): 705}}
  - {name: low, hit: false, given: {}}
"""
HEAD = "{name: trial, version: 1, description: d, thresholds: {review: 50, block: 80}}"
SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "score.json").read_text("utf-8"))


def files() -> dict[str, str]:
    plain = {"ruleset.yaml": HEAD, "features/f.yaml": FEATURE, "any.yaml": ANY}
    (mean,) = load(plain).features
    inputs = (
        Input("user_count_5m"),
        Input("merchant_mean_1h", mean.digest),
        Input("user_new_device"),
        Input(field="amount_major"),
    )
    calibration = Calibration(
        tuple(range(0, 10 * 2**31, 2**24)), tuple(min(1_000, n) for n in range(1_281))
    )
    found = {**plain, "risky.yaml": RULE}
    for name, kind, seed in (("card", "boosting", 1), ("spend", "isolation", 2)):
        file = ModelFile(
            *(1, name, kind, inputs, thresholds(spread(10, 9, 4, seed))),  # type: ignore[arg-type]
            calibration,
        )
        found[f"models/{name}.json"] = encode(file)
    return found


ANY = """\
id: any
version: 1
description: To load the feature alone.
points: 1
when: merchant_mean_1h < 0
reason: never
tests:
  - {name: a hit, hit: true, given: {merchant_mean_1h: -1}}
  - {name: a miss, hit: false, given: {}}
"""
ANY = ANY.replace("merchant_mean_1h < 0", "amount == 77").replace(
    "merchant_mean_1h: -1", "amount: 77"
)


def thresholds(trees: Any) -> Any:
    """The thresholds of fractions in ten-thousandths, so that some payments go each way."""
    return tuple(
        tuple(
            (node[0], node[1] * (1, 1_000_000, 1, 1_000)[node[0]] // 10, *node[2:])
            if len(node) > 1
            else node
            for node in tree
        )
        for tree in trees
    )


RULESET = load(files())


def run(
    raws: Sequence[Raw],
    ruleset: Ruleset,
    cut: int,
    shadow: Ruleset | None = None,
    history: History = WHOLE,
) -> list[str]:
    """The lines of risk.scores."""
    writer = Writer(ruleset, "live-1", shadow=shadow, history=history)
    both = [one for one in (ruleset, shadow) if one]
    features = FeatureSet.of(both)
    stores: dict[str, MemoryStore] = {}
    stages = Fused(
        lambda name: stores.setdefault(name, MemoryStore()), reading((0, 1)), features=features
    )
    found: list[str] = []
    for start in range(0, len(raws), cut):
        found += writer.decisions(stages.on_batch(raws[start : start + cut]).scorables, 5).scores
    return found + writer.decisions(stages.on_idle(quiet((0, 1))).scorables, 5).scores


def invalid(value: str) -> list[str]:
    """What the schema has against a score; it knows the catalogue's features alone."""
    message = json.loads(value)
    del message["features"]["merchant_mean_1h"]
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(message)]


def consumed(raws: Sequence[Raw]) -> list[Consumed]:
    return [
        Consumed(one.partition, one.offset, one.append_time, one.key, one.value) for one in raws
    ]


@settings(max_examples=40, deadline=None)
@given(records(), st.integers(1, 40))
def test_what_is_written_is_what_the_oracle_says(raws: list[Raw], cut: int) -> None:
    lines = [line.split(JSON_KEY, 1) for line in run(raws, RULESET, cut)]
    want = expected(consumed(raws), RULESET, SCORING)
    told = [Line(key.encode(), value.encode()) for key, value in lines]
    assert comparison.scores(told, want, RULESET).problems == []
    hashes = wanted(want, RULESET, 10**6).scores
    for _, value in lines:
        score = msgspec.json.decode(value, type=Score)
        assert invalid(value) == []
        assert isinstance(score.models, dict)
        assert sorted(score.models) == ["card", "spend"]
        assert all(bool(one.contributions) <= bool(score.reasons) for one in score.models.values())
    settled = {}
    for _, value in lines:
        score = msgspec.json.decode(value, type=Score)
        key = score.event_id, score.user_id, score.event_time, score.late
        settled[key] = of_score(score)
    assert settled == hashes


def test_scores_differ_and_some_hit() -> None:
    raws = [raw(transaction(n, amount=n * 997, event_time=START + n), n) for n in range(60)]
    scores = [
        msgspec.json.decode(line.split(JSON_KEY, 1)[1], type=Score)
        for line in run(raws, RULESET, 7)
    ]
    cards = {one.models["card"].score for one in scores if isinstance(one.models, dict)}
    assert len(cards) > 3
    assert {bool(one.reasons) for one in scores} == {True, False}
    hit = next(one for one in scores if one.reasons and isinstance(one.models, dict))
    card = hit.models["card"]  # type: ignore[index]
    first = card.contributions[0]
    text = hit.reasons[0].text
    assert text.startswith(f"{card.score}, ")
    assert f": {first.input} " in text
    assert f": {first.points:+d}" in text


def test_a_ruleset_without_models_says_nothing_of_them() -> None:
    plain = load({"ruleset.yaml": HEAD, "any.yaml": ANY})
    (line,) = run([raw(transaction(1), 0)], plain, 1)
    assert "models" not in json.loads(line.split(JSON_KEY, 1)[1])
    named = load({**files(), "ruleset.yaml": HEAD.replace("trial", "other")})
    first, second = run([raw(transaction(1), 0)], plain, 1, shadow=named)
    assert "models" not in json.loads(first.split(JSON_KEY, 1)[1])
    assert "card" in json.loads(second.split(JSON_KEY, 1)[1])["models"]


class Failed(Tally):
    """Counts failures of the shadow."""

    count_of = 0

    def failed(self) -> None:
        self.count_of += 1


def test_a_model_that_fails_on_a_batch_is_asked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    scored = Panel.scored

    def touchy(panel: Panel, events: Any) -> Any:
        if any(txn.event_id == "e0002" for _, txn in events):
            raise ZeroDivisionError
        return scored(panel, events)

    monkeypatch.setattr(Panel, "scored", touchy)
    stages = Fused(lambda _: MemoryStore(), reading((0,)), features=FeatureSet.of([RULESET]))
    scorables = stages.on_batch([raw(transaction(n), n) for n in range(4)]).scorables
    plain, tally = load({"ruleset.yaml": HEAD, "any.yaml": ANY}), Failed()
    lines = Writer(plain, "live-1", shadow=RULESET, tally=tally).decisions(scorables, 5).scores
    assert (len(lines), tally.count_of) == (4 + 3, 1)
    with pytest.raises(ZeroDivisionError):
        Writer(RULESET, "live-1").decisions(scorables, 5)


def test_another_score_of_a_model_is_a_mismatch() -> None:
    raws = [raw(transaction(1), 0)]
    (line,) = run(raws, RULESET, 1)
    key, value = line.split(JSON_KEY, 1)
    score = msgspec.json.decode(value, type=Score)
    assert isinstance(score.models, dict)
    other = {**score.models, "card": ModelScore(score.models["card"].score + 1, ())}
    wrong = msgspec.json.encode(msgspec.structs.replace(score, models=other))
    want = expected(consumed(raws), RULESET, SCORING)
    (problem,) = comparison.scores([Line(key.encode(), wrong)], want, RULESET).problems
    assert "models: card is ModelScore" in problem
