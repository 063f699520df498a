"""Files of declared features: what is read, and how each fault is told."""

from __future__ import annotations

import pytest

from risk.engine.features.declared.cases import run_feature_cases
from risk.engine.rules import InvalidRuleset, Ruleset, load
from risk.engine.rules.declaration import Declaration

HEAD = """\
name: trial
version: 1
description: A trial.
thresholds: {review: 50, block: 80}
lists: {near: ["DE", "FR"]}
"""
RULE = """\
id: busy
version: 1
description: Many.
points: 50
when: merchant_web_10m > 100
reason: "{merchant_web_10m} in 10 minutes"
tests:
  - {name: many, hit: true, given: {merchant_web_10m: 101}}
  - {name: few, hit: false, given: {}}
"""
FEATURE = """\
merchant_web_10m:
  key: merchant_id
  window: 10m
  value: sum(amount)
  where: channel == "web" and country in near
  about: what web payments brought
  tests:
    - name: two
      payments: [{amount: 40}, {at: 5m, amount: 2, channel: pos}, {at: 9m, amount: 60}]
      value: 100
"""


def loaded(feature: str = FEATURE, rule: str = RULE) -> Ruleset:
    return load({"ruleset.yaml": HEAD, "busy.yaml": rule, "features/any.yaml": feature})


def faults(feature: str) -> str:
    with pytest.raises(InvalidRuleset) as caught:
        loaded(feature)
    return str(caught.value)


def test_a_declared_feature_is_read_by_rules_and_has_its_list_written_out() -> None:
    ruleset = loaded()
    (one,) = ruleset.features
    assert one == Declaration(
        "merchant_web_10m",
        ("merchant_id",),
        "sum",
        "amount",
        window=600_000,
        where=one.where,
        about="anything: it decides nothing",
    )
    assert one.content["where"] == 'channel == "web" and country in ["DE", "FR"]'


def test_a_features_own_tests_are_run() -> None:
    (right,) = run_feature_cases(loaded().feature_tests)
    assert right.passed
    (wrong,) = run_feature_cases(loaded(FEATURE.replace("value: 100", "value: 101")).feature_tests)
    assert (wrong.passed, wrong.value, wrong.case.line) == (False, 100, 8)


def test_the_fingerprint_is_of_what_features_say_not_of_what_is_said_about_them() -> None:
    mark = loaded().fingerprint
    assert loaded(FEATURE.replace("brought", "have brought")).fingerprint == mark
    for old, new in (
        ("window: 10m", "window: 11m"),
        ("sum(", "max("),
        ('"web"', '"app"'),
        ("key: merchant_id", "key: ip"),
    ):
        assert old in FEATURE
        assert loaded(FEATURE.replace(old, new)).fingerprint != mark


def test_a_name_with_another_meaning_has_another_slot() -> None:
    (one,) = loaded().features
    (other,) = loaded(FEATURE.replace("window: 10m", "window: 20m")).features
    assert one.name == other.name
    assert one.slot != other.slot


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("key: merchant_id", "key: merchant"),
            """\
features/any.yaml:2:8: merchant is no key: did you mean merchant_id?
      key: merchant
           ^^^^^^^^""",
        ),
        (
            ("key: merchant_id", "key: amount"),
            "features/any.yaml:2:8: amount is a number: a key is who or what pays",
        ),
        (
            ("sum(amount)", "sum(country)"),
            """\
features/any.yaml:4:14: sum is of a number, and country is a text: it may be amount
      value: sum(country)
                 ^^^^^^^""",
        ),
        (("sum(amount)", "sum"), "features/any.yaml:4:10: sum of what? Write sum(amount)"),
        (("sum(amount)", "total(amount)"), "no value is called total: known are count, sum,"),
        (("sum(amount)", "count(amount)"), "count needs no field: write count"),
        (("sum(amount)", "sum(amount"), "write a value such as count or sum(amount)"),
        (("window: 10m", "window: 10"), "expected a length of time, such as 30s, 10m, 1h or 7d"),
        (("window: 10m", "window: ten"), "'ten': write a length such as 30s, 10m, 1h or 7d"),
        (
            ("window: 10m", "window: 32d"),
            """\
features/any.yaml:3:11: at most 31d: or add steps, such as step: 1h
      window: 32d
              ^^^""",
        ),
        (("window: 10m", "window: 91d\n  step: 1d"), "at most 90d"),
        (("window: 10m", "window: 90d\n  step: 1h"), "2,160 steps: at most 1,024"),
        (("window: 10m", "window: 10m\n  step: 3m"), "10m isn't a number of whole steps of 3m"),
        (("window: 10m", "window: 10m\n  session: 3m"), "a session has no window"),
        (("  window: 10m\n", ""), "sum of how long? Add a window (10m), or a session (30m)"),
        (("sum(amount)", "duration"), "duration looks at a session, not at a window"),
        (("country in near", "country in far"), "no list is called far"),
        (
            ("country in near", "user_count_5m > 3"),
            """\
features/any.yaml:5:31: user_count_5m is a feature: a condition looks at the payment itself
      where: channel == "web" and user_count_5m > 3
                                  ^^^^^^^^^^^^^""",
        ),
        (
            ("country in near", 'verdict == "bad"'),
            "verdict is never 'bad': it is fraud or legitimate",
        ),
        (("country in near", "is_fraud"), "no feature or field is called is_fraud"),
        (("country in near", "late"), "late payments are in nobody's windows"),
        (("country in near", "amount"), "'and' needs true or false, this is a whole number"),
        (("merchant_web_10m:", "amount:"), "amount is taken: give the feature another name"),
        (("merchant_web_10m:", "class:"), "'class': expected a name of small letters"),
        (("merchant_web_10m:", "by_name:"), "by_name is taken"),
        (("value: 100", "value: 1.5"), "merchant_web_10m is a whole number"),
        (("{amount: 40}", "{amont: 40}"), "no field is called amont: did you mean amount?"),
        (("{at: 5m,", "{at: 10m,"), "write when after the first, in their order"),
        (("about: what", "abuot: what"), "unknown key abuot: did you mean about?"),
    ],
)
def test_a_fault_is_told_with_its_place_and_a_way_out(change: tuple[str, str], told: str) -> None:
    assert change[0] in FEATURE
    assert told in faults(FEATURE.replace(*change))


def test_rules_are_not_blamed_for_a_faulty_feature_that_they_read() -> None:
    assert "busy.yaml" not in faults(FEATURE.replace("key: merchant_id", "key: shop"))


VERDICTS = """\
merchant_web_10m:
  key: merchant_id
  window: 7d
  step: 1h
  value: count
  where: verdict == "fraud" and channel == "web"
  about: what turned out to be fraud
  tests:
    - name: known an hour after it, and a minute later it counts
      payments:
        - {verdict: fraud, known_after: 1h}
        - {verdict: fraud, known_after: 2h}
        - {verdict: fraud, channel: pos}
        - {verdict: legitimate}
        - {at: 61m}
      value: 1
"""


def test_a_feature_counts_what_is_known_of_earlier_payments() -> None:
    ruleset = loaded(VERDICTS)
    (one,) = ruleset.features
    assert one.of_verdicts
    assert [result.passed for result in run_feature_cases(ruleset.feature_tests)] == [True]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("value: count", "value: max(amount)"),
            """\
any.yaml:5:10: max can't be of verdicts, which change: they are counted in count, sum, mean, stddev
      value: max(amount)
             ^^^^^^^^^^^""",
        ),
        (("  step: 1h\n  value: count", "  value: new(country)"), "new can't be of verdicts"),
        (
            ("window: 7d\n  step: 1h", "session: 1h"),
            "verdicts come when a session is long over: count them in a window",
        ),
        (('"fraud" and', '"frod" and'), "verdict is never 'frod': it is fraud or legitimate"),
        (("{verdict: legitimate}", "{verdict: maybe}"), "it is fraud or legitimate"),
        (("known_after: 1h", "known_after: soon"), "write how long after the payment"),
    ],
)
def test_a_fault_in_a_feature_of_verdicts_is_told(change: tuple[str, str], told: str) -> None:
    assert change[0] in VERDICTS
    assert told in faults(VERDICTS.replace(*change))


def test_no_rule_can_ask_what_becomes_of_the_payment_itself() -> None:
    with pytest.raises(InvalidRuleset) as caught:
        loaded(rule=RULE.replace("merchant_web_10m > 100", 'verdict == "fraud"'))
    told = str(caught.value)
    assert "the verdict on a payment isn't known when it is decided: declare a feature" in told
    assert told.splitlines()[2].strip() == "^^^^^^^"


ATTRIBUTES = """\
email: {type: str, about: who it was sent to}
basket: {type: int, about: how many things}
"""


def test_a_ruleset_s_attributes_are_keys_values_and_in_conditions() -> None:
    feature = """\
email_things_1h:
  key: [email, user_id]
  window: 1h
  value: sum(basket)
  where: has(basket) and email != "me"
  about: things sent to an address
  tests:
    - name: three, and one that says nothing
      payments:
        - {email: you, basket: 1}
        - {email: you}
        - {email: you, basket: 2}
      value: 3
"""
    files = {"ruleset.yaml": HEAD, "busy.yaml": RULE, "features/one.yaml": FEATURE}
    ruleset = load(files | {"attributes.yaml": ATTRIBUTES, "features/two.yaml": feature})
    one = ruleset.features[0]
    assert (one.key, one.of) == (("email:str", "user_id"), "basket:int")
    assert one.attributes == (("basket", "int"), ("email", "str"))
    assert [result.passed for result in run_feature_cases(ruleset.feature_tests)] == [True, True]


def test_a_feature_in_two_files_is_refused() -> None:
    files = {
        "ruleset.yaml": HEAD,
        "busy.yaml": RULE,
        "features/one.yaml": FEATURE,
        "features/two.yaml": FEATURE,
    }
    with pytest.raises(InvalidRuleset, match="declared in another file"):
        load(files)
