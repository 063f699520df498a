"""Which models an activation of a ruleset carries, and for whom: appended, and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from risk.config.settings import Settings
from risk.engine.models.rollout import WHOLE
from risk.engine.rules import Ruleset
from risk.engine.rules.ruleset import called_models
from risk.registry import models
from risk.registry.session import Cursor, as_json, session
from sinks.sql import statement

SHOWN = 100


class Arm(NamedTuple):
    """A model that answers `asked`, what rules ask, for a `share` of users in thousandths.

    `arm` is champion, challenger, or shadow for one that is told beside and asked by no rule.
    """

    asked: str
    model: str
    sha256: str
    kind: str
    arm: str
    share: int
    salt: str = ""


class Carried(NamedTuple):
    """What a run of a ruleset brings: `offsets` are the first that it scores, by partition."""

    fingerprint: str
    arms: tuple[Arm, ...]
    run_id: str
    offsets: Mapping[str, int]


class Deployment(msgspec.Struct, frozen=True):
    """An arm since an activation."""

    activation: int
    ruleset: str
    version: int
    fingerprint: str
    asked: str
    model: str
    sha256: str
    arm: str
    share: int
    salt: str
    run_id: str
    offsets: dict[str, int]
    since: datetime


def carried(ruleset: Ruleset, run_id: str, offsets: Mapping[str, int]) -> Carried:
    """What a run of that ruleset brings."""
    return Carried(ruleset.fingerprint, tuple(arms(ruleset)), run_id, dict(offsets))


def arms(ruleset: Ruleset) -> Iterator[Arm]:
    """The models of a ruleset that are evaluated, by what they answer."""
    called = called_models(ruleset.rules)

    def one(asked: str, model: str, arm: str, share: int, salt: str = "") -> Arm:
        found = ruleset.models[model]
        return Arm(asked, model, found.digest, found.kind, arm, share, salt)

    for name in ruleset.asked:
        rollout = ruleset.rollouts.get(name)
        if name not in called:
            yield one(name, name, "shadow", 0)
            if rollout and rollout.share and rollout.challenger not in ruleset.asked:
                yield one(rollout.challenger, rollout.challenger, "shadow", 0)
        elif rollout is None or not rollout.share:
            yield one(name, name, "champion", WHOLE)
        else:
            if rollout.share < WHOLE:
                yield one(name, name, "champion", WHOLE - rollout.share, rollout.salt)
            yield one(name, rollout.challenger, "challenger", rollout.share, rollout.salt)


def append(cursor: Cursor, activation: int, ruleset: str, version: int, found: Carried) -> None:
    """Note what an activation carries, as a part of its transaction."""
    for arm in found.arms:
        model = models.Model(sha256=arm.sha256, name=arm.model, kind=arm.kind)
        models.add(cursor, model)
        values = {
            **arm._asdict(),
            "activation": activation,
            "ruleset": ruleset,
            "version": version,
            "fingerprint": found.fingerprint,
            "run_id": found.run_id,
            "offsets": dict(found.offsets),
        }
        cursor.execute(statement("append_deployment"), as_json(values))


def deployments(
    settings: Settings, activation: int | None = None, limit: int = SHOWN
) -> list[Deployment]:
    """The latest, maybe of one activation, those of the latest first. Raises `Unavailable`."""
    with session(settings) as cursor:
        values = {"activation": activation, "limit": limit}
        rows = cursor.execute(statement("list_deployments"), values).fetchall()
    return msgspec.convert(rows, list[Deployment])
