"""Values of payments that lack a field of the key, and how many payments came before one."""

from __future__ import annotations

import pytest

from risk.cli.features import definition
from risk.engine.features.declared.cases import run_feature_cases
from tests.unit.engine.rules.test_feature_files import faults, loaded

OF_ADDRESS = """\
merchant_web_10m:
  key: [ip, merchant_id]
  window: 10m
  value: count
  without_key: 1
  about: payments from the address
  tests:
    - name: two from one
      payments: [{ip: "10.0.0.1"}, {at: 1s, ip: "10.0.0.2"}, {at: 2s, ip: "10.0.0.1"}]
      value: 2
    - name: two from nowhere
      payments: [{without: [ip]}, {at: 1s, without: [ip]}]
      value: 1
"""


def test_a_payment_without_the_key_has_what_is_declared_for_it() -> None:
    ruleset = loaded(OF_ADDRESS)
    assert [result.passed for result in run_feature_cases(ruleset.feature_tests)] == [True, True]
    (one,) = ruleset.features
    assert (one.unkeyed, one.neutral, one.first) == (1, 0, 1)
    assert definition(one) == "count of ip+merchant_id in 10m, without ip+merchant_id 1"


def test_it_is_neutral_unless_that_is_declared() -> None:
    feature = OF_ADDRESS.replace("  without_key: 1\n", "")
    results = run_feature_cases(loaded(feature).feature_tests)
    assert [result.value for result in results] == [2, 0]


def test_what_is_declared_for_it_is_part_of_the_meaning() -> None:
    own, other, none = (
        loaded(OF_ADDRESS.replace("  without_key: 1\n", line)).features[0]
        for line in ("  without_key: 1\n", "  without_key: 2\n", "")
    )
    assert len({own.slot, other.slot, none.slot}) == 3
    assert "without_key" not in none.content, "else the slots of earlier versions would change"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("without_key: 1", "without_key: 1.5"),
            """\
features/any.yaml:5:16: merchant_web_10m is a whole number
      without_key: 1.5
                   ^^^""",
        ),
        (("without_key: 1", "without_key: none"), "merchant_web_10m is a whole number"),
        (("without_key: 1", f"without_key: {2**63}"), "merchant_web_10m is a number of 64 bits"),
        (("[{without: [ip]}", "[{without: [ipp]}"), "no field ipp may be missing: did you mean"),
        (("[{without: [ip]}", "[{without: [amount]}"), "no field amount may be missing"),
        (("[{without: [ip]}", "[{without: ip}"), "expected a list of fields: [ip, device_id]"),
        (("[{without: [ip]}", '[{without: [ip], ip: "10.0.0.1"}'), "ip is given as well"),
    ],
)
def test_a_fault_is_told(change: tuple[str, str], told: str) -> None:
    assert change[0] in OF_ADDRESS
    assert told in faults(OF_ADDRESS.replace(*change))


EARLIER = """\
merchant_web_10m:
  key: merchant_id
  {span}
  value: earlier
  where: amount > 50
  about: larger payments before this one
  tests:
    - name: it counts itself neither if it is large
      payments: [{{amount: 100}}, {{at: 1s, amount: 10}}, {{at: 2s, amount: 200}}]
      value: 1
    - name: nor if it is small
      payments: [{{amount: 100}}, {{at: 1s, amount: 200}}, {{at: 2s, amount: 10}}]
      value: 2
"""


@pytest.mark.parametrize("span", ["window: 10m", "window: 1h\n  step: 1m", "session: 5m"])
def test_earlier_payments_are_counted_without_the_payment_itself(span: str) -> None:
    results = [*run_feature_cases(loaded(EARLIER.format(span=span)).feature_tests)]
    assert [result.passed for result in results] == [True, True]
    assert results[0].feature.first == 0


def test_verdicts_are_counted_not_what_came_earlier() -> None:
    feature = EARLIER.format(span="window: 10m").replace("amount > 50", 'verdict == "fraud"')
    assert "earlier can't be of verdicts, which change" in faults(feature)
