"""A control group in a ruleset: what may be declared, and how each fault is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.engine.control_group import Release
from risk.engine.rules import InvalidRuleset
from risk.engine.rules.controlfile import run_release_cases
from risk.engine.rules.extends import whole
from risk.engine.rules.loader import load
from risk.errors import UserError
from risk.ops import new_rule
from tests.unit.engine.control_groups import CONTROL, FEATURES, FILES, HEAD, loaded, without


def test_amounts_are_in_minor_units_by_currency() -> None:
    assert loaded().release == Release(
        500,
        "2026-12",
        {"EUR": 15_000, "JPY": 900, "KWD": 5},
        {"user_payments_1d": 3, "user_spent_1d": 20_000},
    )


def test_without_the_file_nothing_is_released_and_the_fingerprint_is_as_it_was() -> None:
    plain = without()
    assert plain.release is None
    assert plain.fingerprint == loaded("{}\n").fingerprint
    assert plain.fingerprint != loaded().fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [("50", "49.9"), ("2026-12", "2027-01"), ("EUR: 150", "EUR: 149.99"), ("1d: 3", "1d: 4")],
)
def test_all_that_decides_is_in_the_fingerprint(old: str, new: str) -> None:
    changed = CONTROL.replace(old, new, 1).replace("15000", "14000")
    assert loaded(changed).fingerprint != loaded().fingerprint


def test_tests_are_not_in_the_fingerprint() -> None:
    assert loaded(CONTROL.replace("15001", "15002")).fingerprint == loaded().fingerprint


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "share: 50",
            "share: 50.1",
            """\
rules/trial/control_group.yaml:1:8: expected a share from 0 to 50 percent, in tenths at most, \
such as 10 or 0.5
    share: 50.1
           ^^^^""",
        ),
        ("share: 50", "share: 0", "1:8: nothing is released: remove the file, or write {} in it"),
        ("share: 50", "share: 0.05", "1:8: expected a share from 0 to 50 percent"),
        ('"2026-12"', "a:b", "2:7: 'a:b': expected up to 64 letters, digits, _ - and ."),
        ("EUR: 150", "EURO: 150", "3:10: 'EURO': expected a currency such as EUR"),
        (
            "EUR: 150",
            "EUR: 1.001",
            """\
rules/trial/control_group.yaml:3:15: expected an amount of EUR, in steps of 1/100, and above 0
    amount: {EUR: 1.001, JPY: 900, KWD: 0.005}
                  ^^^^^""",
        ),
        ("JPY: 900", "JPY: 0.5", "3:25: expected an amount of JPY, in steps of 1, and above 0"),
        ("EUR: 150", "EUR: 0", "3:15: expected an amount of EUR"),
        ("EUR: 150", "EUR: true", "3:15: expected an amount in major units"),
        ("EUR: 150", "EUR: .inf", "3:15: "),
        ("{EUR: 150, JPY: 900, KWD: 0.005}", "{}", "3:9: no currency is named"),
        ("daily:", "dayly:", "4:1: unknown key dayly: did you mean daily?"),
        (
            "user_spent_1d:",
            "user_spent_1w:",
            "4:30: no declared feature is called user_spent_1w: did you mean user_spent_1d?",
        ),
        (
            "user_spent_1d:",
            "zzz:",
            """\
rules/trial/control_group.yaml:4:30: no declared feature is called zzz: it has to be \
declared with key user_id, maybe with currency, a window of at least 1d and no where, as a count \
or as sum(amount)
    daily: {user_payments_1d: 3, zzz: 20000}
                                 ^^^""",
        ),
        ("1d: 3", "1d: 0", "4:27: expected a whole number from 1 to"),
        ("{user_payments_1d: 3, user_spent_1d: 20000}", "{}", "4:8: no feature is named"),
        ("hit: false", "hit: true", "6:3: give a test that hits and one that misses"),
        (
            "amount: 15001",
            "amuont: 15001",
            "7:45: no feature or field is called amuont: did you",
        ),
    ],
)
def test_each_fault_is_told_with_its_place(old: str, new: str, fault: str) -> None:
    with pytest.raises(InvalidRuleset) as error:
        loaded(CONTROL.replace(old, new, 1))
    assert fault in str(error.value)


@pytest.mark.parametrize("missing", ["share", "salt", "amount", "daily", "tests"])
def test_nothing_can_be_left_out(missing: str) -> None:
    cut = CONTROL.index(missing + ":")
    rest = CONTROL[cut:].split("\n", 1)[1] if missing != "tests" else ""
    with pytest.raises(InvalidRuleset, match=f"'{missing}' is missing"):
        loaded(CONTROL[:cut] + rest)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("key: user_id", "key: device_id"),
        ("window: 1d", "window: 23h"),
        ("window: 1d", "session: 30m"),
        ("window: 1d", "window: 2d\n  step: 1h"),
        ("value: count", "value: distinct(merchant_id)"),
        ("value: count", 'value: count\n  where: channel == "web"'),
    ],
)
def test_a_feature_has_to_bound_what_a_day_brings(old: str, new: str) -> None:
    with pytest.raises(InvalidRuleset, match="user_payments_1d doesn't bound what a day brings"):
        loaded(**{"features/days.yaml": FEATURES.replace(old, new, 1)})


def test_a_faulty_feature_is_not_called_unknown_as_well() -> None:
    with pytest.raises(InvalidRuleset) as error:
        loaded(**{"features/days.yaml": FEATURES.replace("value: count", "value: cuont", 1)})
    assert "no declared feature" not in str(error.value)


def test_its_tests_say_what_may_be_released() -> None:
    assert [may is case.hit for case, may in run_release_cases(loaded())] == [True, True]
    wrong = loaded(CONTROL.replace("15000", "15001").replace("15001}}\n  - ", "15002}}\n  - "))
    assert [may is case.hit for case, may in run_release_cases(wrong)] == [False, True]


def test_a_test_may_give_what_the_user_has_come_to() -> None:
    more = "  - {name: a fourth, hit: false, given: {amount: 10, user_payments_1d: 4}}\n"
    assert all(may is case.hit for case, may in run_release_cases(loaded(CONTROL + more)))


def test_a_ruleset_that_extends_it_may_release_nothing() -> None:
    child = {"ruleset.yaml": HEAD.replace("trial", "child") + "extends: trial\n"}
    assert load(whole(child, "child", lambda name: FILES).files).release == loaded().release
    none = child | {"control_group.yaml": "{}\n"}
    assert load(whole(none, "child", lambda name: FILES).files).release is None


@pytest.mark.parametrize("name", ["control_group", "attributes", "ruleset"])
def test_no_rule_is_called_as_another_file_is(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=f"{name}.yaml is another file of a ruleset"):
        new_rule.create(tmp_path, name)
