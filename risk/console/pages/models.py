"""Models: what Postgres knows of them, and which answered for whom when. Read only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.pages import drift
from risk.console.site import site
from risk.engine.models.rollout import percent
from risk.registry import deployments, models
from risk.registry.activations import active
from risk.registry.deployments import Deployment
from risk.registry.drift import series
from risk.registry.models import Registered
from risk.verify.drift.kept import latest
from risk.verify.quality.card import NAMES, plain


class Figure(NamedTuple):
    """A figure of a model's card, with its interval."""

    name: str
    value: str
    low: str
    high: str


def page(request: Request) -> Response:
    """All of them, the latest first, and all deployments."""
    own, now = site(request), datetime.now(UTC)
    found = models.registered(own.settings)
    deployed = deployments.deployments(own.settings)
    with own.pool.session() as cursor:
        kept = latest(cursor)
        since = int((now - timedelta(days=drift.DAYS)).timestamp() * 1_000)
        points = series(cursor, kept.report.ruleset, since) if kept else []
    return own.page(
        request,
        "models/index.html",
        models=found,
        traffic={one.sha256: _traffic(one, deployed) for one in found},
        deployments=deployed,
        percent=percent,
        active=active(own.settings),
        kept=kept,
        age_s=(now - kept.measured_at).total_seconds() if kept else 0.0,
        bars=drift.bars(kept) if kept else [],
        plot=drift.plot(points, now),
        every_s=own.settings.prometheus.drift_interval_s,
    )


def one(request: Request) -> Response:
    """A model by the hash of its file."""
    own, digest = site(request), request.path_params["sha256"]
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise HTTPException(404, "There is no such model.")
    every = models.registered(own.settings, limit=1_000)
    found = next((each for each in every if each.sha256 == digest), None)
    if found is None:
        raise HTTPException(404, "There is no such model.")
    deployed = deployments.deployments(own.settings, limit=1_000)
    mine = [each for each in deployed if each.sha256 == digest]
    return own.page(
        request,
        "models/one.html",
        model=found,
        figures=figures(found),
        traffic=_traffic(found, deployed),
        deployments=mine,
        versions=[each for each in every if each.name == found.name],
        percent=percent,
        active=active(own.settings),
    )


def figures(model: Registered) -> list[Figure]:
    """What its card says that it is worth, on its held-out days."""
    known = model.card.get("figures")
    return [
        Figure(NAMES.get(name, str(name)), *(plain(_number(value, key)) for key in _PARTS))
        for name, value in (known.items() if isinstance(known, Mapping) else ())
        if isinstance(value, Mapping)
    ]


_PARTS = ("value", "low", "high")


def _number(value: Mapping[str, object], key: str) -> float | None:
    found = value.get(key)
    return float(found) if isinstance(found, int | float) else None


def _traffic(model: Registered, found: list[Deployment]) -> str:
    """For which share of users it answers now, as what; a dash if for none."""
    if model.status not in ("production", "rollout", "shadow"):
        return "–"
    latest = max((each.activation for each in found), default=0)
    told = [
        f"{percent(each.share)} of users for {each.asked}, {each.arm}"
        for each in found
        if each.sha256 == model.sha256 and each.activation == latest
    ]
    return "; ".join(told) or model.status
