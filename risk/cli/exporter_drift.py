"""Drift as `risk exporter` tells it."""

from __future__ import annotations

import logging
import math
import time

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.features.catalogue import NAMES
from risk.errors import StackError, UserError
from risk.monitoring.drift import DriftCollector, Measured, Moved, Unknown
from risk.ops.settings import with_postgres_password
from risk.verify.drift.kept import keep
from risk.verify.drift.levels import Level
from risk.verify.drift.report import Drift, Report
from risk.verify.drift.watch import Watch

log = logging.getLogger(__name__)

LEVELS: dict[Level, float] = {"too few": math.nan, "none": 0, "some": 1, "much": 2}


def drift_collector(settings: Settings) -> DriftCollector:
    """What measures the drift of the active ruleset."""
    watch: Watch | None = None

    def ask() -> Measured:
        nonlocal watch
        try:
            # Not before: the embedded Postgres may not have its password yet.
            known = with_postgres_password(settings)
            watch = watch or Watch(known)
            now = time.time_ns() // 1_000_000
            report = watch.look(now)
        except (StackError, Unavailable, UserError) as error:
            raise Unknown(str(error)) from None
        _keep(known, now, report)
        return measured(report, now)

    return DriftCollector(ask, NAMES, settings.prometheus.drift_interval_s)


def _keep(settings: Settings, now: int, report: Report) -> None:
    """For the console. What Prometheus is told doesn't depend on it."""
    try:
        keep(settings, now, report)
    except Unavailable as error:
        log.warning("drift: it was measured, but not kept: %s", error)


def measured(report: Report, now: int) -> Measured:
    """A report, of a time in ms UTC, as the collector tells it."""
    distance = report.decisions.total_variation
    return Measured(
        {one.name: _moved(one) for one in report.features},
        _moved(report.score),
        math.nan if distance is None else distance,
        {"reference": report.reference.sampled, "current": report.current.sampled},
        now / 1_000,
    )


def _moved(one: Drift) -> Moved:
    if one.psi is None or one.ks is None:
        return Moved()
    return Moved(one.psi, one.ks, LEVELS[one.level])
