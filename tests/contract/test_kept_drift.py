"""Drift that was found is kept by the hour on a real Postgres, and shown on the page of models."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import msgspec
import pytest

from risk.cli.exporter_drift import drift_collector
from risk.config.settings import Settings
from risk.config.types import DAY_MS
from risk.console.app import create
from risk.ops.users import manage
from risk.registry import activations, drift
from risk.registry.session import session
from risk.verify.drift.kept import Kept, keep, latest
from risk.verify.drift.report import Report
from sinks.postgres.connect import connect
from tests.contract.browser import Browser, browser
from tests.contract.messages import ACTIVE
from tests.unit.console.drift import report

pytestmark = pytest.mark.stack

PASSWORD = "correct horse battery"
HOUR_MS = 3_600_000


@pytest.fixture
def viewer(migrated: Settings) -> Iterator[Browser]:
    manage.add(migrated, "viewer", "viewer", PASSWORD)
    app = create(migrated)
    yield browser(app, migrated.console.origin, "viewer")
    app.state.site.pool.close()


def this_hour() -> int:
    return time.time_ns() // 1_000_000 // HOUR_MS * HOUR_MS


def last(settings: Settings) -> Kept | None:
    with session(settings) as cursor:
        return latest(cursor)


def times(settings: Settings, ruleset: str = "default") -> list[float]:
    with session(settings) as cursor:
        return [one.measured_at.timestamp() for one in drift.series(cursor, ruleset, 0)]


def test_of_an_hour_the_last_report_is_kept_and_none_for_longer_than_a_month(
    migrated: Settings,
) -> None:
    assert last(migrated) is None
    now = this_hour()
    keep(migrated, now - 31 * DAY_MS, report(0.1))
    keep(migrated, now - HOUR_MS, report(0.2))
    keep(migrated, now + 2_000, report(0.4))
    keep(migrated, now + 1_000, report(0.3))  # of another exporter, which was slower
    found = last(migrated)
    assert found is not None
    assert found.report == report(0.4)
    assert times(migrated) == [now / 1_000 - 3_600, now / 1_000 + 2]
    assert times(migrated, "other") == []


def test_a_report_of_other_code_is_none(migrated: Settings) -> None:
    keep(migrated, this_hour(), report(0.2))
    with connect(migrated) as connection:
        connection.execute("UPDATE drift_reports SET report = '{}'")
    assert last(migrated) is None


def test_what_the_exporter_measures_is_kept(migrated: Settings) -> None:
    password = migrated.postgres.password or ""
    own = msgspec.structs.replace(
        migrated, postgres=msgspec.structs.replace(migrated.postgres, password=password)
    )
    collector = drift_collector(own)
    assert not collector.measure(), "no ruleset is active"
    activations.activate(migrated, *ACTIVE)
    assert collector.measure()
    found = last(migrated)
    assert found is not None
    assert (found.report.ruleset, found.report.level) == (ACTIVE[0], "too few")
    with connect(migrated) as connection:
        connection.execute("DROP TABLE drift_reports")
    assert collector.measure(), "what Prometheus is told doesn't depend on it"


def test_the_page_of_models_shows_what_was_found_last(migrated: Settings, viewer: Browser) -> None:
    page = viewer.get("/models").text
    assert "Nothing was measured yet" in page
    now = this_hour()
    for hours in range(3):
        keep(migrated, now - hours * HOUR_MS, report(0.3 - hours / 10))
    text = viewer.get("/models").text
    part = text[text.index('id="drift"') :]
    assert "<strong>default</strong>" in part
    assert '<span class="level much">much</span>' in part
    assert "user count 5m" in part
    assert re.findall(r'<td class="number">(0\.\d+)</td>', part)[:1] == ["0.300"]
    assert part.count('<rect class="score"') == 3
    few: Report = msgspec.structs.replace(report(None), level="too few")
    keep(migrated, now + 1, few)
    assert "too few payments to say" in viewer.get("/models").text
