"""What a ruleset brings when it becomes the active one: which model answers for whom."""

from __future__ import annotations

import pytest

from risk.engine.rules import Ruleset, load
from risk.registry.deployments import arms, carried
from tests.unit.engine.rules.test_models import FILES as PLAIN
from tests.unit.engine.rules.test_models import RULE, model
from tests.unit.engine.rules.test_rollouts import FILES, ROLLOUT, loaded


def told(ruleset: Ruleset) -> list[tuple[str, str, str, int]]:
    found = list(arms(ruleset))
    for one in found:
        of = ruleset.models[one.model]
        assert (one.sha256, one.kind) == (of.digest, of.kind)
    return [(one.asked, one.model, one.arm, one.share) for one in found]


SPEND = ("spend", "spend", "champion", 1_000)


@pytest.mark.parametrize(
    ("rollout", "wanted"),
    [
        ("{}\n", [("card", "card", "champion", 1_000), ("card_next", "card_next", "shadow", 0)]),
        (ROLLOUT, [("card", "card", "champion", 900), ("card", "card_next", "challenger", 100)]),
        (
            ROLLOUT.replace("10", "0.5").replace("11}", "11, shadow: true}"),
            [
                ("card", "card", "champion", 995),
                ("card", "card_next", "challenger", 5),
                ("card_next", "card_next", "shadow", 0),
            ],
        ),
        (ROLLOUT.replace("10", "100"), [("card", "card_next", "challenger", 1_000)]),
        (ROLLOUT.replace("10", "0"), [("card", "card", "champion", 1_000)]),
    ],
)
def test_who_answers_for_whom(rollout: str, wanted: list[tuple[str, str, str, int]]) -> None:
    assert told(loaded(rollout)) == [*wanted, SPEND]


def test_a_challenger_that_a_rule_asks_for_is_a_champion_of_its_own() -> None:
    rule = RULE.replace("'card {", '\'next {model("card_next")}, card {')
    assert ("card_next", "card_next", "champion", 1_000) in told(loaded(**{"risky.yaml": rule}))


def test_of_a_model_that_no_rule_asks_both_are_in_the_shadow() -> None:
    rule = RULE.replace('when: model("card") > 800', "when: amount > 7")
    rule = rule.replace(
        '\'card {model("card")}, spend {anomaly("spend")}: {model("card"):why}\'', "x"
    )
    rule = rule.replace('model("card"): 801', "amount: 8")
    found = told(loaded(**{"risky.yaml": rule}))
    assert found == [("card", "card", "shadow", 0), ("card_next", "card_next", "shadow", 0), SPEND]


def test_no_arm_stands_twice() -> None:
    rollout = ROLLOUT + "other: {challenger: card_next, share: 1, salt: s}\n"
    rule = RULE.replace("'card {", '\'other {model("other")}, card {')
    files = {"models/other.json": model("other"), "risky.yaml": rule}
    found = [(one.asked, one.arm) for one in arms(loaded(rollout, **files))]
    assert len(set(found)) == len(found) == 5


def test_a_ruleset_without_models_brings_none() -> None:
    rule = RULE.replace('model("card") > 800 and anomaly("spend") >= 1', "amount > 7").splitlines()
    rule = [line for line in rule if "reason" not in line and "given" not in line]
    tests = ["  - {name: a, hit: true, given: {amount: 8}}", "  - {name: b, hit: false, given: {}}"]
    plain = load(
        {
            "ruleset.yaml": PLAIN["ruleset.yaml"],
            "risky.yaml": "\n".join([*rule[:-1], "reason: large", rule[-1], *tests]),
        }
    )
    assert carried(plain, "live-1", {"0": 7}) == (plain.fingerprint, (), "live-1", {"0": 7})


def test_a_model_that_no_rule_asks_is_in_the_shadow() -> None:
    assert ("card_next", "card_next", "shadow", 0) in told(load(FILES))
