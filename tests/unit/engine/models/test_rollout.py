"""Who is in a challenger's share, and what champion and challenger then say."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from risk.engine.features.catalogue import FIRST
from risk.engine.models.format import Calibration, Input, ModelFile
from risk.engine.models.model import Model
from risk.engine.models.panel import Panel
from risk.engine.models.rollout import WHOLE, Rollout, bucket, percent
from risk.engine.models.scored import Decider
from risk.engine.oracle.models import in_share
from tests.unit.engine.models.ensembles import model
from tests.unit.engine.models.test_inputs import MAKE
from tests.unit.streams import transaction

USERS = 20_000
salts = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789_.-", min_size=1, max_size=64)
users = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128)
shares = st.integers(0, WHOLE)


def test_the_formula_is_the_documented_one() -> None:
    digest = sha256("2026-11:Zoë".encode()).hexdigest()
    assert bucket("2026-11", "Zoë") == int(digest[:15], 16) % 1_000
    known = {"u1": 193, "u2": 897, "Zoë": 117, "a:b": 897}
    assert {user: bucket("2026-11", user) for user in known} == known


@given(salts, users, shares)
def test_the_oracle_draws_the_same_users(salt: str, user: str, share: int) -> None:
    assert Rollout("next", share, salt).draws(user) is in_share(salt, user, share)


@given(salts, users, shares, shares)
def test_a_larger_share_only_adds_users(salt: str, user: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    if Rollout("next", small, salt).draws(user):
        assert Rollout("next", large, salt).draws(user)


@given(salts, users)
def test_nobody_is_in_a_share_of_none_and_everybody_in_the_whole(salt: str, user: str) -> None:
    assert not Rollout("next", 0, salt).draws(user)
    assert Rollout("next", WHOLE, salt).draws(user)


@pytest.mark.parametrize("share", [1, 5, 100, 333, 500, 990])
@pytest.mark.parametrize("salt", ["2026-11", "a", "x" * 64])
def test_the_share_is_what_it_says(salt: str, share: int) -> None:
    rollout = Rollout("next", share, salt)
    drawn = sum(rollout.draws(f"user-{n}") for n in range(USERS))
    deviation = (USERS * share / WHOLE * (1 - share / WHOLE)) ** 0.5
    assert abs(drawn - USERS * share / WHOLE) < 4 * deviation


def test_another_salt_draws_independently() -> None:
    one, other = Rollout("next", 500, "one"), Rollout("next", 500, "other")
    both = sum(one.draws(user) and other.draws(user) for user in map(str, range(USERS)))
    assert abs(both - USERS / 4) < 4 * (USERS * 3 / 16) ** 0.5


def test_a_share_in_words() -> None:
    assert [percent(share) for share in (0, 5, 100, 105, 1_000)] == [
        "0 %",
        "0.5 %",
        "10 %",
        "10.5 %",
        "100 %",
    ]


def constant(name: str, score: int, *inputs: Input) -> Model:
    """One that says the same of every payment, moved by its first input."""
    trees = (((0, -1, 1, 2, 0), (0,), (2**32,)),)
    scores = (score, score)
    return model(ModelFile(1, name, "boosting", inputs, trees, Calibration((1,), scores)))


AMOUNT, COUNT = Input(field="amount"), Input("user_count_5m")
MODELS = {
    "card": constant("card", 100, AMOUNT),
    "next": constant("next", 200, COUNT),
    "spend": constant("spend", 300, AMOUNT),
}
HALF = {"card": Rollout("next", 500, "s")}


def events(owners: Sequence[str]) -> list[Any]:
    features = MAKE(**FIRST, terminal_frauds_28d=0)
    return [(features, replace(transaction(n), user_id=user)) for n, user in enumerate(owners)]


def test_one_of_the_two_answers_and_is_named() -> None:
    owners = [f"u{n}" for n in range(40)]
    found = Panel(MODELS, HALF, ("card", "spend")).scored(events(owners))
    for user, one in zip(owners, found, strict=True):
        drawn = HALF["card"].draws(user)
        assert one.scores == {"card": 200 if drawn else 100, "spend": 300}
        by = "next" if drawn else "card"
        assert one.decided("card") == Decider(by, MODELS[by].digest[:12])
        assert one.decided("spend") == Decider(UNSET, MODELS["spend"].digest[:12])
        (moved,) = one.contributions("card")
        assert moved.input == ("user_count_5m" if drawn else "amount")
    assert {one.scores["card"] for one in found} == {100, 200}


@given(st.lists(users, min_size=1, max_size=12), st.integers(1, 12), st.randoms())
def test_neither_batches_nor_their_order_matter(owners: list[str], cut: int, random: Any) -> None:
    ones = events(owners)
    panel = Panel(MODELS, HALF)
    whole = [one.scores for one in panel.scored(ones)]
    cuts = [ones[at : at + cut] for at in range(0, len(ones), cut)]
    assert [one.scores for part in cuts for one in panel.scored(part)] == whole
    order = random.sample(range(len(ones)), len(ones))
    mixed = panel.scored([ones[at] for at in order])
    assert [one.scores for one in mixed] == [whole[at] for at in order]


def evaluated(monkeypatch: pytest.MonkeyPatch, *asked: str, share: int = 500) -> dict[str, int]:
    """How many payments each model was given, of 40."""
    found: dict[str, int] = {}
    rows = Model.rows

    def counted(one: Model, given: Any) -> Any:
        found[one.name] = found.get(one.name, 0) + len(given)
        return rows(one, given)

    monkeypatch.setattr(Model, "rows", counted)
    rollouts = {"card": Rollout("next", share, "s")}
    Panel(MODELS, rollouts, asked).scored(events([f"u{n}" for n in range(40)]))
    monkeypatch.undo()
    return found


def test_a_payment_is_given_to_one_of_the_two(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = sum(HALF["card"].draws(f"u{n}") for n in range(40))
    found = evaluated(monkeypatch, "card", "spend")
    assert found == {"card": 40 - drawn, "next": drawn, "spend": 40}
    assert evaluated(monkeypatch, "card", share=0) == {"card": 40}
    assert evaluated(monkeypatch, "card", share=WHOLE) == {"next": 40}
    # One that is asked for by itself as well isn't evaluated twice.
    assert evaluated(monkeypatch, "card", "next") == {"card": 40 - drawn, "next": 40}
