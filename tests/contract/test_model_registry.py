"""Models in Postgres: what is registered, what activations carried, and what each model is now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest

from risk.config.settings import Settings
from risk.engine.models.rollout import bucket
from risk.registry import activations, models, promotion
from risk.registry.deployments import Arm, Carried, Deployment, deployments
from risk.registry.models import Model
from risk.registry.promotion import Promotion
from sinks.postgres.connect import connect

pytestmark = pytest.mark.stack

CARD = Model(
    sha256="a" * 64,
    name="card",
    kind="boosting",
    set_sha256="5" * 64,
    card={"figures": {"auc_roc": {"value": 0.9, "low": None, "high": 1.0}}},
    note="the first",
)
NEXT = Model(sha256="b" * 64, name="card_next", kind="forest")


def arm(model: Model, kind: str, share: int) -> Arm:
    return Arm("card", model.name, model.sha256, model.kind, kind, share, "2026-11")


def carried(*arms: Arm, run_id: str = "live-1") -> Carried:
    return Carried("f" * 64, arms, run_id, {"0": 12, "1": 7})


ALONE = carried(arm(CARD, "champion", 1_000))
BOTH = carried(arm(CARD, "champion", 900), arm(NEXT, "challenger", 100), run_id="live-2")


def statuses(settings: Settings) -> dict[str, str]:
    return {one.name: one.status for one in models.registered(settings)}


def told(found: list[Deployment]) -> list[tuple[str, int, str, str, int]]:
    return [(one.ruleset, one.version, one.model, one.arm, one.share) for one in found]


def test_a_model_is_registered_once_and_what_is_known_stays(migrated: Settings) -> None:
    assert models.registered(migrated) == []
    models.register(migrated, CARD)
    (found,) = models.registered(migrated, "card")
    known = {field: getattr(found, field) for field in CARD.__struct_fields__}
    assert Model(**known) == CARD
    assert found.status == "candidate"
    models.register(migrated, Model(sha256=CARD.sha256, name="card", kind="boosting"))
    assert models.registered(migrated) == [found]
    models.register(migrated, msgspec.structs.replace(CARD, note="better", card={"seed": 8}))
    (again,) = models.registered(migrated)
    assert (again.note, again.card, again.created_at) == ("better", {"seed": 8}, found.created_at)
    assert models.registered(migrated, "none") == []
    models.register(migrated, NEXT)
    assert [one.name for one in models.registered(migrated, limit=1)] == ["card_next"]


def test_what_a_model_is_follows_from_the_active_ruleset(migrated: Settings) -> None:
    models.register(migrated, NEXT)
    activations.activate(migrated, "default", 1, carried=ALONE)
    assert statuses(migrated) == {"card": "production", "card_next": "candidate"}
    activations.activate(migrated, "default", 2, carried=BOTH)
    assert statuses(migrated) == {"card": "production", "card_next": "rollout"}
    shadow = carried(arm(CARD, "champion", 1_000), arm(NEXT, "shadow", 0))
    activations.activate(migrated, "default", 3, carried=shadow)
    assert statuses(migrated) == {"card": "production", "card_next": "shadow"}
    activations.activate(migrated, "default", 1, "rollback", ALONE)
    assert statuses(migrated) == {"card": "production", "card_next": "retired"}
    activations.activate(migrated, "plain", 1, carried=carried())
    assert statuses(migrated) == {"card": "retired", "card_next": "retired"}


def test_what_is_active_already_is_not_deployed_again(migrated: Settings) -> None:
    for _ in range(2):
        activations.activate(migrated, "default", 2, carried=BOTH)
    found = deployments(migrated)
    assert told(found) == [
        ("default", 2, "card_next", "challenger", 100),
        ("default", 2, "card", "champion", 900),
    ]
    assert {(one.run_id, one.fingerprint, one.salt) for one in found} == {
        ("live-2", "f" * 64, "2026-11")
    }
    assert all(one.offsets == {"0": 12, "1": 7} for one in found)


def test_a_promotion_and_a_rollback_append_deployments(migrated: Settings) -> None:
    activations.activate(migrated, "default", 1, carried=ALONE)
    to = Promotion("default", 2, "promote", "live-2", "live-1", "0" * 32)
    promotion.begin(migrated, to)
    promotion.finish(migrated, to, BOTH)
    promotion.finish(migrated, to, BOTH)
    back = Promotion("default", 1, "rollback", "live-3", "live-2", "0" * 32)
    promotion.begin(migrated, back)
    promotion.finish(migrated, back, ALONE)
    assert [one[1] for one in told(deployments(migrated))] == [1, 2, 2, 1]
    assert activations.active(migrated) == ("default", 1)


def test_what_was_live_at_a_moment(migrated: Settings) -> None:
    assert activations.at(migrated, datetime.now(UTC)) is None
    activations.activate(migrated, "default", 1, carried=ALONE)
    activations.activate(migrated, "default", 2, carried=BOTH)
    second, first = activations.history(migrated)
    assert activations.at(migrated, first.since - timedelta(seconds=1)) is None
    for one, wanted in ((first, ["card"]), (second, ["card_next", "card"])):
        assert activations.at(migrated, one.since) == one
        assert [each.model for each in deployments(migrated, one.id)] == wanted


def test_postgres_draws_the_users_that_scoring_draws(migrated: Settings) -> None:
    users = [*(f"user-{n}" for n in range(200)), "Zoë", "a:b", " ", "😀"]
    with connect(migrated) as connection:
        rows = connection.execute(
            """
            SELECT user_id, mod(
                ('x' || left(encode(sha256(convert_to('2026-11:' || user_id, 'UTF8')), 'hex'), 15))
                    ::bit(60)::bigint, 1000)
            FROM unnest(%s::text[]) AS users (user_id)
            """,
            [users],
        ).fetchall()
    assert dict(rows) == {user: bucket("2026-11", user) for user in users}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE model_deployments SET share = 1",
        "DELETE FROM model_deployments",
        "TRUNCATE model_deployments",
    ],
)
def test_deployments_are_never_changed(migrated: Settings, change: str) -> None:
    activations.activate(migrated, "default", 1, carried=ALONE)
    with (
        connect(migrated) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="never changed or removed"),
    ):
        connection.execute(change)
    assert len(deployments(migrated)) == 1
