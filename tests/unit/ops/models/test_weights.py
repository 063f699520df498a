"""How much payments count in a training set, of which a control group let some through."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from risk.engine.feedback import Verdict
from risk.engine.messages import ControlGroup
from risk.engine.models.format import ModelFile
from risk.errors import UserError
from risk.ops.models.sets.training_set import Floats, load
from risk.ops.models.sets.weights import Control, weight
from risk.ops.models.train import Rows
from risk.verify.quality.card import write_card
from risk.verify.quality.training import Plan, train_on
from tests.unit.ops.models.sets import NOON, built, said, score
from tests.unit.verify.training_sets import payments, stored, trainer, versions

RELEASED = ControlGroup(True, 5)
NOT_DRAWN = ControlGroup(False, 5)
BEYOND = ControlGroup(False, 0)


@pytest.mark.parametrize(
    ("control", "verdict", "wanted"),
    [
        (None, None, 1.0),
        (None, "fraud", 1.0),
        (RELEASED, None, 200.0),
        (RELEASED, "fraud", 200.0),
        (ControlGroup(True, 1_000), None, 1.0),
        (NOT_DRAWN, None, 0.0),
        (NOT_DRAWN, "fraud", 0.0),
        (BEYOND, None, 0.0),
        (BEYOND, "legitimate", 1.0),
    ],
)
def test_a_payment_counts_by_how_likely_its_outcome_was_seen(
    control: ControlGroup | None, verdict: Verdict | None, wanted: float
) -> None:
    assert weight(control, verdict) == wanted


def test_a_set_has_the_weights_and_its_manifest_the_counts() -> None:
    scores = [
        score("e1", NOON + 1),
        score("e2", NOON + 2, control_group=RELEASED),
        score("e3", NOON + 3, decision="BLOCK", control_group=NOT_DRAWN),
        score("e4", NOON + 4, decision="BLOCK", control_group=BEYOND),
        score("e5", NOON + 5, decision="BLOCK", control_group=BEYOND),
    ]
    found = built(scores, [said("fraud", NOON + 9_000, "e5", event_time=NOON + 5)])
    assert [one.weight for one in found.rows] == [1, 200, 0, 0, 1]
    assert found.counts.control == Control(released=1, not_drawn=1, beyond_caps=2)


def test_without_a_control_group_all_count_the_same() -> None:
    found = built([score("e1"), score("e2", decision="BLOCK")])
    assert [one.weight for one in found.rows] == [1, 1]
    assert found.counts.control is None


def test_what_counts_for_nothing_is_no_part_of_what_is_learnt(tmp_path: Path) -> None:
    rows = [
        one._replace(weight=(1.0, 0.0, 200.0)[number % 3]) for number, one in enumerate(payments())
    ]
    found = load(stored(tmp_path, rows))
    assert found.manifest.counts.rows == len(rows)
    assert len(found.weight) == sum(one.weight > 0 for one in rows)
    assert found.weights is not None
    assert set(found.weights.tolist()) == {1.0, 200.0}
    (tmp_path / "plain").mkdir()
    assert load(stored(tmp_path / "plain")).weights is None


def test_the_trainer_gets_them(tmp_path: Path) -> None:
    rows = [one._replace(weight=(1.0, 50.0)[number % 2]) for number, one in enumerate(payments())]
    seen: list[Floats | None] = []

    def noted(name: str, kind: str, rows: Rows, seed: int) -> ModelFile:
        seen.append(rows.weight)
        return trainer(name, kind, rows, seed)

    plan = Plan("card", "forest")
    train_on(
        load(stored(tmp_path, rows)), plan, tmp_path / "card.json", None, print, noted, versions
    )
    assert len(seen) == 2
    assert all(one is not None and set(one.tolist()) == {1.0, 50.0} for one in seen)


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_no_other_number_is_a_weight(tmp_path: Path, wrong: float) -> None:
    rows = payments()
    path = stored(tmp_path, [rows[0]._replace(weight=wrong), *rows[1:]])
    with pytest.raises(UserError, match="weight: not every value is a weight"):
        load(path)


def test_the_card_says_what_a_control_group_tells(tmp_path: Path) -> None:
    plan = Plan("card", "forest")
    out = tmp_path / "card.json"
    found = load(stored(tmp_path))
    plain = train_on(found, plan, out, None, print, trainer, versions).card
    assert "Blocked payments have no outcome." in write_card(plain)
    control = Control(12, 2_388, 90)
    counts = found.manifest.counts
    manifest = msgspec.structs.replace(
        found.manifest, counts=msgspec.structs.replace(counts, control=control)
    )
    told = write_card(
        train_on(found._replace(manifest=manifest), plan, out, None, print, trainer, versions).card
    )
    assert "12 that were to be blocked were released,\n  and stand for the 2,388" in told
    assert "90 were beyond the caps" in told
    assert "have no outcome" not in told
