"""Released payments: what is said of them, and that no more is released than was bargained for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.control_group import bucket
from risk.engine.diff import Cause, Hit, Side, flip, terms
from risk.engine.features.catalogue import DAY, FIRST, FeatureValue
from risk.engine.messages import ControlGroup, Reason
from risk.engine.oracle import control_group as oracle
from risk.engine.oracle.expected import all_features
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.declaration import named_by
from risk.engine.scoring import score
from tests.unit.engine.control_groups import CONTROL, loaded, without

RULESET = loaded()
MAKE = named_by(RULESET.features)
NOON = 1_740_830_400_000  # 2025-03-01T12:00:00Z
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


def payment(number: int, amount: int = 100, currency: str = "EUR", at: int = NOON) -> Transaction:
    return Transaction(f"e{number}", "u-1", at, amount, currency)


def features(**changes: int) -> dict[str, FeatureValue]:
    return {**FIRST, "user_payments_1d": 1, "user_spent_1d": 100, **changes}


def drawn(released: bool) -> Transaction:
    """A payment that is in the share, or not."""
    return next(
        txn for txn in map(payment, range(99)) if (bucket("2026-12", txn) < 500) is released
    )


def test_a_released_payment_keeps_its_score_and_its_reasons() -> None:
    found = score(RULESET, MAKE(**features()), drawn(True))
    assert (found.score, found.decision) == (90, "ALLOW")
    told = "released to see what becomes of it, as 50 % of those blocked are"
    assert found.reasons == (Reason("large", 1, 90, "100"), Reason("control_group", 4, 0, told))
    assert found.control_group == ControlGroup(True, 500)


def test_one_that_is_not_drawn_is_blocked_and_says_how_likely_its_release_was() -> None:
    txn = drawn(False)
    found = score(RULESET, MAKE(**features()), txn)
    plain = score(without(), MAKE(**features()), txn)
    assert found.decision == plain.decision == "BLOCK"
    assert found.reasons == plain.reasons
    assert found.control_group == ControlGroup(False, 500)


@pytest.mark.parametrize(
    ("amount", "currency", "late", "changes"),
    [
        (15_001, "EUR", False, {}),
        (100, "USD", False, {}),
        (100, "EUR", True, {}),
        (100, "EUR", False, {"user_payments_1d": 4}),
        (100, "EUR", False, {"user_spent_1d": 20_001}),
    ],
)
def test_beyond_the_caps_none_is_released(
    amount: int, currency: str, late: bool, changes: dict[str, int]
) -> None:
    for number in range(40):
        txn = payment(number, amount, currency)
        found = score(RULESET, MAKE(**features(**changes)), txn, late)
        assert (found.decision, found.control_group) == ("BLOCK", ControlGroup(False, 0))


def test_of_what_is_not_blocked_nothing_is_said() -> None:
    found = score(RULESET, MAKE(**features()), payment(1, amount=9))
    assert found == score(without(), MAKE(**features()), payment(1, amount=9))


@given(texts, texts, st.integers(0, 2**40), st.integers(0, 1_000), st.booleans())
def test_the_oracle_draws_the_same(
    user: str, event: str, time: int, share: int, late: bool
) -> None:
    assert RULESET.release
    release = RULESET.release._replace(share=share)
    txn = Transaction(event, user, time, 100, "EUR")
    assert oracle.word(release, features(), txn, late) == release.word(
        MAKE(**features()), txn, late
    )


@given(
    st.integers(0, 20_000),
    st.sampled_from(["EUR", "JPY", "KWD", "USD"]),
    st.integers(0, 5),
    st.integers(0, 40_000),
)
def test_the_oracle_knows_the_same_caps(amount: int, currency: str, count: int, spent: int) -> None:
    assert RULESET.release
    txn, own = payment(1, amount, currency), features(user_payments_1d=count, user_spent_1d=spent)
    assert oracle.word(RULESET.release, own, txn, False) == RULESET.release.word(
        MAKE(**own), txn, False
    )


def test_a_larger_share_only_adds_payments() -> None:
    small, large = loaded(CONTROL.replace("50", "5", 1)), RULESET
    for number in range(300):
        few, many = (score(one, MAKE(**features()), payment(number)) for one in (small, large))
        assert many.decision == "ALLOW" or few.decision == "BLOCK"


def test_the_share_is_kept() -> None:
    one = loaded(CONTROL.replace("50", "5", 1))
    found = Counter(score(one, MAKE(**features()), payment(n)).decision for n in range(4_000))
    assert 150 < found["ALLOW"] < 250


@given(
    st.lists(st.tuples(st.integers(0, 3 * DAY), st.integers(10, 15_000)), min_size=1, max_size=30)
)
def test_no_day_of_a_user_has_more_released_than_the_caps(stream: list[tuple[int, int]]) -> None:
    txns = [payment(n, amount, at=NOON + at) for n, (at, amount) in enumerate(stream)]
    count: Counter[object] = Counter()
    spent: Counter[object] = Counter()
    for txn, found in all_features(txns, RULESET):
        if score(RULESET, MAKE(**found), txn).decision == "ALLOW":
            day = datetime.fromtimestamp(txn.event_time / 1_000, UTC).date()
            count[day] += 1
            spent[day] += txn.amount
    assert max(count.values(), default=0) <= 3
    assert max(spent.values(), default=0) <= 20_000


def test_a_diff_knows_that_a_payment_was_released() -> None:
    was, now = terms(without()), terms(RULESET)
    blocked = Side(90, "BLOCK", (Hit("large", 90),))
    allowed = Side(90, "ALLOW", (Hit("large", 90), Hit("control_group", 0)))
    cause = Cause("release", "control_group", 0)
    for one, other, by in ((blocked, allowed, -2), (allowed, blocked, 2)):
        found = flip(one, other, was, now, same_features=True)
        assert found is not None
        assert (found.by, found.causes, found.explained) == (by, (cause,), True)
    odd = flip(blocked, allowed._replace(hits=blocked.hits), was, now, same_features=True)
    assert odd is not None
    assert not odd.explained
