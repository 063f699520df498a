"""Sets of several versions of a ruleset: only where all of them saw the same."""

from __future__ import annotations

import pytest

from risk.errors import UserError
from risk.ops.models.sets.latest import Latest, Made, ScoreSource
from risk.ops.models.sets.versions import newest
from tests.unit.engine.control_groups import FEATURES, HEAD, RULE, loaded
from tests.unit.ops.models.sets import PRINT, TERMS, score


def test_the_newest_is_taken_if_only_rules_differ() -> None:
    old = loaded(**{"large.yaml": RULE.replace("90", "80")})
    new = loaded(**{"ruleset.yaml": HEAD.replace("version: 4", "version: 5")})
    assert newest([new, old]) is new
    assert newest([old]) is old


def test_other_features_are_refused_by_name() -> None:
    control = "{}\n"
    other = FEATURES.replace("window: 1d\n  value: count", "window: 2d\n  value: count")
    new = loaded(
        control,
        **{
            "ruleset.yaml": HEAD.replace("version: 4", "version: 5"),
            "features/days.yaml": other,
        },
    )
    told = r"trial:4 and trial:5 don't have the same features \(user_payments_1d\)"
    with pytest.raises(UserError, match=told):
        newest([loaded(), new])


def test_live_scores_of_all_versions_are_taken_and_no_others() -> None:
    latest = Latest(ScoreSource(name="shop"), TERMS)
    for number, one in enumerate(
        (
            score("e1"),
            score("e2", ruleset_version=2),
            score("e3", ruleset="other"),
            score("e4", kind="shadow"),
        )
    ):
        latest.take(one, (number, 0, number))
    assert latest.all_made() == {Made("shop", 1, PRINT): 1, Made("shop", 2, PRINT): 1}
    assert latest.others == 2


def test_without_being_asked_for_two_versions_are_refused() -> None:
    latest = Latest(ScoreSource(), TERMS)
    for number, one in enumerate((score("e1"), score("e2", ruleset_version=2))):
        latest.take(one, (number, 0, number))
    with pytest.raises(UserError, match="were scored by 2 rulesets"):
        latest.made()
