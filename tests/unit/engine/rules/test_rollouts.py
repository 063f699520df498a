"""Challengers in a ruleset: what may be declared, and how each fault is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.diff import terms
from risk.engine.models.rollout import Rollout
from risk.engine.rules import InvalidRuleset, Ruleset, load
from risk.engine.rules.extends import whole
from tests.unit.engine.rules.test_models import FILES as PLAIN
from tests.unit.engine.rules.test_models import HEAD, RULE, model

ROLLOUT = "card: {challenger: card_next, share: 10, salt: 2026-11}\n"
FILES = PLAIN | {"models/card_next.json": model("card_next", "forest")}


def loaded(rollout: str = ROLLOUT, **files: str) -> Ruleset:
    return load(FILES | {"models/rollout.yaml": rollout} | files, "rules/trial")


def test_a_challenger_is_declared_and_asked_only_for_its_users() -> None:
    ruleset = loaded()
    assert ruleset.rollouts == {"card": Rollout("card_next", 100, "2026-11")}
    assert ruleset.asked == ("card", "spend")
    assert sorted(ruleset.models) == ["card", "card_next", "spend"]


def test_a_rule_or_a_reason_may_ask_for_a_challenger_by_itself() -> None:
    for old, new in (
        ("and anomaly", 'or model("card_next") > 5 and anomaly'),
        ("'card {", '\'next {model("card_next")}, card {'),
    ):
        ruleset = loaded(**{"risky.yaml": RULE.replace(old, new)})
        assert ruleset.asked == ("card", "card_next", "spend")


def test_one_in_the_shadow_is_told_beside_and_needs_no_salt() -> None:
    ruleset = loaded("card: {challenger: card_next, share: 0, shadow: true}\n")
    assert ruleset.rollouts == {"card": Rollout("card_next", 0, "", shadow=True)}
    assert ruleset.asked == ("card", "card_next", "spend")


@pytest.mark.parametrize(
    ("share", "tenths"),
    [("0", 0), ("100", 1_000), ("0.5", 5), ("10.0", 100), ("33.3", 333), ("99.9", 999)],
)
def test_shares_have_tenths(share: str, tenths: int) -> None:
    assert loaded(ROLLOUT.replace("10", share)).rollouts["card"].share == tenths


@given(st.integers(0, 1_000))
def test_every_tenth_is_a_share(tenths: int) -> None:
    found = loaded(ROLLOUT.replace("share: 10", f"share: {tenths / 10}"))
    assert found.rollouts["card"].share == tenths


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "card:",
            "cart:",
            """\
rules/trial/models/rollout.yaml:1:1: no model is called cart: did you mean card?
    cart: {challenger: card_next, share: 10, salt: 2026-11}
    ^^^^""",
        ),
        (
            "card_next",
            "card_nxt",
            """\
rules/trial/models/rollout.yaml:1:20: no model is called card_nxt: did you mean card_next?
    card: {challenger: card_nxt, share: 10, salt: 2026-11}
                       ^^^^^^^^""",
        ),
        ("card_next", "zzz", "1:20: no model is called zzz: there is no models/zzz.json"),
        ("card_next", "card", "1:20: card can't challenge itself: name another model"),
        ("card_next", "Card", "1:20: 'Card': expected the name of a model"),
        (
            "card_next",
            "spend",
            '1:20: spend answers anomaly("…"), card model("…"): '
            "a challenger answers the same question",
        ),
        (
            "share: 10",
            "share: 100.1",
            """\
rules/trial/models/rollout.yaml:1:38: expected a share from 0 to 100 percent, in tenths at most, \
such as 10 or 0.5
    card: {challenger: card_next, share: 100.1, salt: 2026-11}
                                         ^^^^^""",
        ),
        ("share: 10", "share: -1", "1:38: expected a share from 0 to 100 percent"),
        ("share: 10", "share: 0.05", "1:38: expected a share from 0 to 100 percent"),
        ("share: 10", "share: 10%", "1:38: expected a share from 0 to 100 percent"),
        ("share: 10", "share: true", "1:38: expected a share from 0 to 100 percent"),
        ("share: 10", "share: .inf", "1:38: "),
        ("share: 10", "share: .nan", "1:38: "),
        ("share: 10, ", "", "1:7: 'share' is missing"),
        (
            ", salt: 2026-11",
            "",
            """\
rules/trial/models/rollout.yaml:1:7: 'salt' is missing: which users are in the share follows from it
    card: {challenger: card_next, share: 10}
          ^""",
        ),
        ("2026-11", "202611", "1:48: expected up to 64 letters, digits, _ - and ., a number in qu"),
        ("2026-11", "a:b", "1:48: 'a:b': expected up to 64 letters"),
        ("2026-11", "2026-11-01", 'write "2026-11-01" for the text'),
        ("salt", "sald", "1:42: unknown key sald: did you mean salt?"),
        ("2026-11", "s, shadow: 1x", "1:59: expected true or false"),
        ("2026-11", "s, shadow: 1", "1:59: expected true or false"),
        (
            ROLLOUT,
            ROLLOUT + "card_next: {challenger: spend, share: 1, salt: s}\n",
            "1:20: card_next has a challenger itself: a payment is decided by one of two",
        ),
        (ROLLOUT, ROLLOUT + ROLLOUT, "2:1: 'card' stands here twice"),
        (ROLLOUT, "[card]\n", "1:1: expected 'key: value' lines here"),
        (ROLLOUT, "card: card_next\n", "1:7: expected 'key: value' lines here"),
        (ROLLOUT, "# none\n", "the file is empty"),
        (ROLLOUT, "card: {", "rollout.yaml:1:"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, fault: str) -> None:
    assert old in ROLLOUT
    with pytest.raises(InvalidRuleset) as caught:
        loaded(ROLLOUT.replace(old, new, 1))
    assert fault in str(caught.value)
    assert all(error.file == "rules/trial/models/rollout.yaml" for error in caught.value.errors)


WORDS = "card card_next spend : { } [ ] , challenger: share: salt: shadow: true 10 -1 1e400 .nan"
MORE = "null ~ !x &a *a ? - # \" ' | > <<: 2026-11-01 \0 é"


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidRuleset) as caught:
        loaded("card: {challenger: card_nxt, share: 101, sald: 1}\n")
    assert [error.column for error in caught.value.errors] == [20, 37, 42]


PARTS = st.sampled_from((*WORDS.split(" "), *MORE.split(" "), " ", "\n", "  ", "\t", "9" * 5_000))


@given(
    st.one_of(st.text(), st.lists(PARTS, max_size=20).map(" ".join), st.lists(PARTS).map("".join))
)
def test_whatever_stands_in_the_file_is_read_or_is_a_fault_of_it(text: str) -> None:
    faults: set[str] = set()
    try:
        loaded(text)
    except InvalidRuleset as error:
        faults = {one.file for one in error.errors}
    assert faults <= {"rules/trial/models/rollout.yaml"}


def test_a_faulty_model_is_not_blamed_on_who_names_it() -> None:
    with pytest.raises(InvalidRuleset) as caught:
        loaded(**{"models/card_next.json": "{"})
    assert [error.file for error in caught.value.errors] == ["rules/trial/models/card_next.json"]


def test_no_file_of_another_name_is_one() -> None:
    with pytest.raises(InvalidRuleset, match=r"models/rollouts\.yaml:1:1: a rule is <id>\.yaml"):
        load(FILES | {"models/rollouts.yaml": ROLLOUT})


def test_all_of_it_is_in_the_fingerprint() -> None:
    declared = [
        "{}\n",
        ROLLOUT,
        ROLLOUT.replace("share: 10", "share: 10.1"),
        ROLLOUT.replace("2026", "2027"),
        ROLLOUT.replace("card_next", "other"),
        ROLLOUT.replace("11}", "11, shadow: true}"),
    ]
    other = {"models/other.json": model("other")}
    marks = [loaded(text, **other).fingerprint for text in declared]
    assert len(set(marks)) == len(marks)
    assert marks[0] == load(FILES | other, "rules/trial").fingerprint
    same = "# a comment\ncard:\n  salt: '2026-11'\n  share: 10.0\n  challenger: card_next\n"
    assert loaded(same, **other).fingerprint == marks[1]


def test_what_a_rule_goes_by_has_the_challenger() -> None:
    def conditions(rollout: str, **files: str) -> object:
        return terms(loaded(rollout, **files)).conditions

    plain = conditions("{}\n")
    assert conditions(ROLLOUT) != plain
    assert conditions(ROLLOUT) != conditions(ROLLOUT.replace("10", "20"))
    assert conditions(ROLLOUT) != conditions(
        ROLLOUT, **{"models/card_next.json": model("card_next")}
    )
    # One in the shadow decides nothing.
    assert conditions("card: {challenger: card_next, share: 0, shadow: true}\n") == plain


def test_what_extends_a_ruleset_has_its_challengers_or_its_own() -> None:
    head = HEAD.replace("trial", "child") + "extends: trial\n"
    parent = FILES | {"models/rollout.yaml": ROLLOUT}

    def child(**files: str) -> Ruleset:
        found = whole({"ruleset.yaml": head} | files, "rules/child", {"trial": parent}.get)
        return load(found.files, "rules/child", found.places, found.faults)

    assert child().rollouts["card"].share == 100
    assert child(**{"models/rollout.yaml": "{}\n"}).rollouts == {}
    own = ROLLOUT.replace("10", "20")
    assert child(**{"models/rollout.yaml": own}).rollouts["card"].share == 200
    with pytest.raises(InvalidRuleset, match=r"^rules/child/models/rollout\.yaml:1:1: no model"):
        child(**{"models/rollout.yaml": own.replace("card:", "cart:")})
