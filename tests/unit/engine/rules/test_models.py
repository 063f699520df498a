"""Models in a ruleset: what rules and reasons may ask of them, and how each fault is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.diff import terms
from risk.engine.messages import MAX_MODELS
from risk.engine.rules import InvalidRuleset, load, run_cases
from risk.engine.rules.extends import whole
from risk.engine.rules.parser import parse
from risk.engine.rules.tree import render

HEAD = """\
name: trial
version: 1
description: A trial.
thresholds: {review: 50, block: 80}
"""
RULE = """\
id: risky
version: 1
description: The model says so.
points: 50
when: model("card") > 800 and anomaly("spend") >= 1
reason: 'card {model("card")}, spend {anomaly("spend")}: {model("card"):why}'
tests:
  - {name: high, hit: true, given: {model("card"): 801, anomaly('spend'): 1}}
  - {name: low, hit: false, given: {model("card"): 801}}
"""
FEATURE = """\
merchant_sum_10m:
  key: merchant_id
  window: 10m
  value: sum(amount)
  about: what came in
  tests:
    - {name: one, payments: [{amount: 40}], value: 40}
"""
INPUTS = [{"feature": "user_count_5m"}, {"field": "amount"}]


def model(name: str = "card", kind: str = "boosting", **changes: Any) -> str:
    file = {
        "format": 1,
        "name": name,
        "kind": kind,
        "inputs": INPUTS,
        "trees": [[[0, 3, 1, 2, 0], [0], [2**32]]],
        "calibration": {"margins": [1], "scores": [0, 900]},
    }
    return json.dumps(file | changes)


FILES = {
    "ruleset.yaml": HEAD,
    "risky.yaml": RULE,
    "models/card.json": model(),
    "models/spend.json": model("spend", "isolation"),
}


def faults(**changes: str) -> str:
    """What is said of the files; `/` is __ in the names of those that change."""
    changed = {name.replace("__", "/").replace("_json", ".json"): t for name, t in changes.items()}
    rule = changed.pop("rule", RULE)
    with pytest.raises(InvalidRuleset) as caught:
        load(FILES | {"risky.yaml": rule} | changed, "rules/trial")
    return str(caught.value)


def test_a_rule_asks_a_model_and_its_tests_give_the_score() -> None:
    ruleset = load(FILES)
    assert sorted(ruleset.models) == ["card", "spend"]
    assert all(result.passed for result in run_cases(ruleset))
    (rule,) = ruleset.rules
    assert render(rule.when) == 'model("card") > 800 and anomaly("spend") >= 1'
    assert [dict(case.given) for case in rule.cases] == [
        {'model("card")': 801, 'anomaly("spend")': 1},
        {'model("card")': 801},
    ]


def test_a_score_that_a_test_does_not_give_is_0() -> None:
    rule = RULE.replace('model("card") > 800 and anomaly("spend") >= 1', 'model("card") == 0')
    results = list(run_cases(load(FILES | {"risky.yaml": rule})))
    assert [result.hit for result in results] == [False, False]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'model("card")',
            'model("cart")',
            """\
rules/trial/risky.yaml:5:13: no model is called cart: did you mean card?
    when: model("cart") > 800 and anomaly("spend") >= 1
                ^^^^^^""",
        ),
        (
            'anomaly("spend")',
            'model("spend")',
            """\
rules/trial/risky.yaml:5:31: spend is an isolation forest: write anomaly("spend")
    when: model("card") > 800 and model("spend") >= 1
                                  ^^^^^^^^^^^^^^""",
        ),
        (
            'model("card")',
            'anomaly("card")',
            'risky.yaml:5:7: card is no isolation forest: write model("card")',
        ),
        (
            'model("card")',
            "model(card)",
            """\
rules/trial/risky.yaml:5:13: write model("card"), in quotes
    when: model(card) > 800 and anomaly("spend") >= 1
                ^^^^""",
        ),
        ('model("card") >', "model() >", "5:13: ) doesn't fit here: expected a model's name in qu"),
        ('model("card") >', 'model("card" >', "5:20: > doesn't fit here: expected ')'"),
        ('model("card") >', "model >", "5:7: no feature or field is called model"),
        (
            '"card") > 800',
            '"zzz") > 800',
            "no model is called zzz: there is no models/zzz.json",
        ),
        ("> 800 and", 'in ["a"] and', "a whole number is never in a list with a text"),
        (
            '{model("card")},',
            '{model("cart")},',
            """\
rules/trial/risky.yaml:6:22: no model is called cart: did you mean card?
    reason: 'card {model("cart")}, spend {anomaly("spend")}: {model("card"):why}'
                         ^^^^^^""",
        ),
        ('("card"):why', '("card"):.1', "6:73: ':.1': only :why"),
        ('{model("card")}', '{model("card") + 1}', "expected the score of a model by itself"),
        (
            '{model("card"): 801}',
            '{model("cart"): 801}',
            "risky.yaml:9:37: no model is called cart: did you mean card?",
        ),
        ('{model("card"): 801}', '{model("card"): 1001}', "a whole number from 0 to 1,000"),
        ('{model("card"): 801}', '{model("card"): 0.5}', "a whole number from 0 to 1,000"),
        ('{model("card"): 801}', '{anomaly("card"): 801}', 'write model("card")'),
        ('{model("card"): 801}', "{model(card): 801}", 'write model("card"), in quotes'),
    ],
)
def test_what_is_wrong_with_a_rule_is_told(old: str, new: str, fault: str) -> None:
    assert old in RULE
    assert fault in faults(rule=RULE.replace(old, new))


def test_a_condition_of_a_feature_asks_no_model() -> None:
    feature = FEATURE.replace("  about", '  where: amount > 3 and model("card") > 5\n  about')
    with pytest.raises(InvalidRuleset) as caught:
        load(FILES | {"features/f.yaml": feature}, "rules/trial")
    assert """\
rules/trial/features/f.yaml:5:25: models score what features say: only rules can ask them
    where: amount > 3 and model("card") > 5""" in str(caught.value).replace(
        "      where", "    where"
    )


def test_what_is_wrong_with_a_file_is_told_with_its_name_and_field() -> None:
    told = faults(models__card_json=model(inputs=[{"feature": "user_count_6m"}]))
    assert "rules/trial/models/card.json:1:1: inputs[0]: the ruleset has no feature" in told
    assert "risky.yaml" not in told  # the rule is right
    told = faults(models__card_json=model(kind="isolation", trees=[]))
    assert "models/card.json:1:1: trees: 0 trees" in told
    told = faults(models__card_json='{"format": 1,\n "name": card}')
    assert "models/card.json:2:10: not JSON: invalid character" in told
    assert told.endswith(' "name": card}\n             ^')
    assert "risky.yaml" not in told
    assert "models/card.json:1:" in faults(models__card_json=model()[:-5])
    assert "models/Card.json:1:1: a model is models/<name>.json" in faults(
        models__Card_json=model()
    )
    many = {f"models__m{n}_json": model(f"m{n}") for n in range(MAX_MODELS)}
    assert f"more than {MAX_MODELS} models" in faults(**many)


@given(st.one_of(st.text(), st.builds(lambda at: model()[:at], st.integers(0, len(model()) - 1))))
def test_whatever_stands_in_a_file_is_a_fault_of_that_file(text: str) -> None:
    told = faults(models__card_json=text)
    assert told.startswith("rules/trial/models/card.json:")
    assert "risky.yaml" not in told


def test_a_declared_feature_is_the_one_that_the_model_was_trained_on() -> None:
    files = FILES | {"features/f.yaml": FEATURE}
    (declared,) = load(files).features
    inputs = [{"feature": "merchant_sum_10m", "digest": declared.digest}]
    ruleset = load(files | {"models/card.json": model(inputs=inputs)})
    assert ruleset.models["card"].file.inputs[0].digest == declared.digest
    other = FEATURE.replace("10m\n  value", "11m\n  value")
    with pytest.raises(
        InvalidRuleset, match=r"models/card.json:1:1: inputs.0.: merchant_sum_10m is"
    ):
        load(files | {"models/card.json": model(inputs=inputs), "features/f.yaml": other})


def test_a_faulty_feature_is_not_blamed_on_the_model() -> None:
    inputs = [{"feature": "merchant_sum_10m", "digest": "0" * 64}]
    told = faults(
        **{
            "models__card_json": model(inputs=inputs),
            "features/f.yaml": FEATURE.replace("sum(", "su("),
        }
    )
    assert "features/f.yaml:4" in told
    assert "card.json" not in told


def test_the_file_is_part_of_the_fingerprint_and_of_what_a_rule_goes_by() -> None:
    one = load(FILES)
    other = load(FILES | {"models/card.json": model(base=1)})
    assert one.fingerprint != other.fingerprint
    assert one.rules[0].fingerprint == other.rules[0].fingerprint
    assert terms(one).conditions != terms(other).conditions
    unused = load(FILES | {"models/more.json": model("more")})
    assert terms(unused).conditions == terms(one).conditions


def test_what_extends_a_ruleset_has_its_models() -> None:
    child = HEAD.replace("trial", "child") + "extends: trial\n"
    own = {"ruleset.yaml": child, "models/spend.json": model("spend", "isolation", base=7)}
    found = whole(own, "rules/child", {"trial": FILES}.get)
    ruleset = load(found.files, "rules/child", found.places, found.faults)
    assert sorted(ruleset.models) == ["card", "spend"]
    assert ruleset.models["spend"].file.base == 7
    wrong = {**FILES, "models/card.json": "{"}
    found = whole(own, "rules/child", {"trial": wrong}.get)
    with pytest.raises(InvalidRuleset, match=r"^rules/trial/models/card\.json:1:"):
        load(found.files, "rules/child", found.places, found.faults)


def test_names_of_models_are_quoted_in_the_canonical_text() -> None:
    assert render(parse("not (model('a') > 1)")) == 'not model("a") > 1'
