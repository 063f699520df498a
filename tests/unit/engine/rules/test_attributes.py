"""Attributes that a ruleset declares, what it requires, and `has`."""

from __future__ import annotations

from typing import Any

import pytest

from risk.engine.payment.transaction import Transaction
from risk.engine.rules import InvalidRuleset, Ruleset, load, run_cases
from risk.engine.rules.cases import situation
from risk.engine.rules.extends import whole
from risk.engine.rules.ruleset import contract_of
from risk.engine.scoring import score

HEAD = "name: {name}\nversion: 1\ndescription: For tests.\nthresholds: {{review: 50, block: 80}}\n"
RULE = """\
id: gold
version: 1
description: For tests.
points: 60
when: {when}
reason: "{reason}"
tests:
  - {{name: hits, hit: true, given: {{{hit}}}{more}}}
  - {{name: misses, hit: false, given: {{{miss}}}}}
"""
DECLARED = """\
tier: {type: str, about: the customer's tier}
age: {type: int, about: of the account in days}
weight: {type: float, about: in kg}
gift: {type: bool, about: whether it is a gift}
"""


def files(
    when: str = 'tier == "gold" and age < 5',
    *,
    reason: str = "{tier} since {age} days, {weight:.1} kg, gift: {gift}, from {ip}",
    hit: str = "tier: gold, age: 3",
    miss: str = "tier: gold, age: 5",
    more: str = "",
    name: str = "shop",
    head: str = "",
    declared: str | None = DECLARED,
) -> dict[str, str]:
    found = {
        "ruleset.yaml": HEAD.format(name=name) + head,
        "gold.yaml": RULE.format(when=when, reason=reason, hit=hit, miss=miss, more=more),
    }
    return found if declared is None else found | {"attributes.yaml": declared}


def ruleset(**changes: Any) -> Ruleset:
    return load(files(**changes))


def complaint(found: dict[str, str]) -> str:
    with pytest.raises(InvalidRuleset) as caught:
        load(found)
    return str(caught.value)


def payment(**attributes: Any) -> Transaction:
    return situation({}, ())[1].__class__("e1", "u1", 0, 1, "EUR", attributes=attributes or None)


def hits(one: Ruleset, txn: Transaction) -> bool:
    return bool(one.hits(situation({})[0], txn, False))


def test_a_declared_attribute_is_read_like_a_field() -> None:
    one = ruleset()
    assert all(result.passed for result in run_cases(one))
    txn = payment(tier="gold", age=3, weight=2, gift=True)
    (reason,) = score(one, situation({})[0], txn).reasons
    assert reason.text == "gold since 3 days, 2.0 kg, gift: true, from (none)"


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ('tier == ""', True),
        ("age == 0", True),
        ("weight == 0.0", True),
        ("gift", False),
        ("has(tier) or has(age) or has(weight) or has(gift)", False),
        ("has(ip) or has(device_id) or has(country) or has(lat) or has(card_token)", False),
        ('ip in ["10.0.0.0/8"] or ip == "10.0.0.1"', False),
        ('ip_network == "10.0.0.0/24"', False),
        ("not has(merchant_id)", True),
    ],
)
def test_what_is_missing_reads_as_nothing(when: str, found: bool) -> None:
    text = when.replace('"', "'")
    one = load(files(when=f'"{text}"', hit="amount: 1", miss="amount: 2"))
    assert hits(one, payment()) is found


def test_has_is_true_of_what_a_payment_has_also_of_zero_and_false() -> None:
    one = ruleset(when="has(age) and has(gift) and has(tier)", more=", without: [ip]")
    assert hits(one, payment(age=0, gift=False, tier=""))
    assert not hits(one, payment(age=0, gift=False))


def test_one_of_another_type_reads_as_missing_for_a_ruleset_that_does_not_decide() -> None:
    one = ruleset(when="has(age)")
    assert not hits(one, payment(age="3"))
    assert hits(one, payment(age=3.0))


def test_a_test_can_leave_fields_out() -> None:
    one = ruleset(when="not has(ip) and has(country)", hit="", more=", without: [ip]", miss="")
    assert [result.passed for result in run_cases(one)] == [True, True]


@pytest.mark.parametrize(
    ("when", "wrong"),
    [
        ("tierr == 1", "no feature or field is called tierr: did you mean tier?"),
        ("tier > 3", "a text is never compared with a whole number"),
        ("has(amount)", "amount is always there: leave has(…) out"),
        ("has(user_count_5m)", "user_count_5m is always there"),
        ("has(devcie_id)", "no feature or field is called devcie_id: did you mean device_id?"),
        ("has(3)", "3 doesn't fit here: expected the name of a field or an attribute"),
        ("has(ip", "'(' has no closing ')'"),
        ("has and gift", "write has(ip)"),
        ("country == ''", "for a payment without it write not has(country)"),
    ],
)
def test_a_fault_shows_its_place(when: str, wrong: str) -> None:
    told = complaint(files(when=when))
    assert wrong in told
    assert "gold.yaml:5:" in told
    assert "^" in told


@pytest.mark.parametrize(
    ("declared", "wrong"),
    [
        ("amount: {type: int, about: x}", "an attribute can't be called amount: it is taken"),
        ("event_id: {type: str, about: x}", "an attribute can't be called event_id"),
        ("user_count_5m: {type: int, about: x}", "an attribute can't be called user_count_5m"),
        ("Tier: {type: str, about: x}", "Tier: a name is of small letters, digits and _"),
        ("tier: {type: text, about: x}", "expected one of int, float, bool, str"),
        ("tier: {type: str}", "'about' is missing"),
        ("tier: str", "expected 'key: value' lines here"),
        ("{}", "no attribute is declared here: remove the file"),
    ],
)
def test_a_wrong_declaration_shows_its_place(declared: str, wrong: str) -> None:
    told = complaint(files(when="amount > 1", reason="x", hit="", miss="", declared=declared))
    assert wrong in told
    assert "attributes.yaml:1:" in told


def test_what_is_required_has_to_be_known_and_optional() -> None:
    assert ruleset(head="require: [ip, tier, lat]\n").contract.required == ("ip", "tier", "lat")
    assert "no field or declared attribute is called tire: did you mean tier?" in complaint(
        files(head="require: [tire]\n")
    )
    assert "amount: no field that a payment may lack" in complaint(
        files(head="require: [amount]\n")
    )
    assert "ip stands here twice" in complaint(files(head="require: [ip, ip]\n"))


def test_a_list_and_an_attribute_have_names_of_their_own() -> None:
    assert "tier is a list, too" in complaint(files(head="lists: {tier: [a]}\n"))


def test_the_fingerprint_covers_types_and_requirements_and_no_description() -> None:
    plain = ruleset()
    assert plain.fingerprint != ruleset(head="require: [ip]\n").fingerprint
    other = DECLARED.replace("type: float", "type: int")
    unread = {"reason": "x"}
    assert ruleset(**unread).fingerprint != ruleset(**unread, declared=other).fingerprint
    assert plain.fingerprint == ruleset(declared=DECLARED.replace("in kg", "in kilos")).fingerprint


def test_two_rulesets_of_a_job_agree_on_types() -> None:
    one = ruleset(name="one", head="require: [ip]\n")
    two = ruleset(name="two", declared=DECLARED + "more: {type: int, about: x}\n")
    joined = contract_of(one, two)
    assert joined.required == ("ip",)
    assert joined.declared == one.declared
    assert joined.known == set(two.declared)
    other = ruleset(name="two", reason="x", declared=DECLARED.replace("type: float", "type: int"))
    with pytest.raises(ValueError, match="attribute weight is float in one:1, and int in two:1"):
        contract_of(one, other)


def extended(own: dict[str, str], head: str = "") -> Ruleset:
    base = files(name="base", head="require: [ip]\n")
    own = {"ruleset.yaml": f"name: own\nversion: 1\ndescription: x\nextends: base\n{head}"} | own
    found = whole(own, "rules/own", lambda name: base if name == "base" else None)
    return load(found.files, "rules/own", found.places, found.faults)


def test_one_that_extends_another_has_what_both_declare_and_require() -> None:
    assert extended({}).contract.declared == ruleset().declared
    more = "more: {type: int, about: 'a: \"b\"'}\ntier: {type: str, about: again}\n"
    one = extended({"attributes.yaml": more}, "require: [more, device_id]\n")
    assert one.contract.declared == {**ruleset().declared, "more": "int"}
    assert one.contract.required == ("ip", "more", "device_id")
    assert one.attributes["tier"].about == "again"
    assert one.attributes["more"].about == 'a: "b"'


def test_one_that_extends_another_can_not_change_a_type_or_require_what_is_unknown() -> None:
    with pytest.raises(InvalidRuleset, match=r"own/attributes\.yaml:1:1: tier is str in what own"):
        extended({"attributes.yaml": "tier: {type: int, about: x}\n"})
    with pytest.raises(InvalidRuleset, match=r"own/ruleset\.yaml:5:11: no field or declared"):
        extended({}, "require: [nothing]\n")
