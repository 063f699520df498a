"""Drift as Prometheus gets it: in the background, bounded, and off when it can't be measured."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from threading import Event

import pytest
from prometheus_client import CollectorRegistry

from risk.cli.exporter_drift import drift_collector, measured
from risk.config import metric_names as names
from risk.config.settings import parse
from risk.engine.features.catalogue import NAMES
from risk.monitoring.drift import MOST_FEATURES, DriftCollector, Measured, Moved, Unknown
from risk.verify.drift.build import report
from risk.verify.drift.periods import HOUR_MS, Period
from risk.verify.drift.sample import Counts, Gathering, Population
from risk.waiting import until

FOUND = Measured(
    {"a": Moved(0.3, 0.1, 2), "b": Moved()},
    Moved(0.05, 0.02, 0),
    0.01,
    {"reference": 9_000, "current": 800},
    1_790_000_000.0,
)


class Scraped:
    """The series of a collector."""

    def __init__(self, collector: DriftCollector) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(collector)

    def value(self, metric: names.Metric, **labels: str) -> float:
        found = self.registry.get_sample_value(metric.exported, labels)
        assert found is not None, (metric.name, labels)
        return found

    def names(self) -> set[str]:
        return {family.name for family in self.registry.collect()}


@pytest.fixture
def release() -> Iterator[Event]:
    found = Event()
    yield found
    found.set()


def test_a_scrape_never_waits_and_tells_what_was_measured_last(release: Event) -> None:
    def ask() -> Measured:
        assert release.wait(60)
        return FOUND

    collector = DriftCollector(ask, ["a", "c"], every_s=3_600)
    scraped = Scraped(collector)
    assert scraped.names() == {metric.exported for metric in names.DRIFT}
    assert scraped.value(names.DRIFT_UP) == 0
    assert math.isnan(scraped.value(names.FEATURE_PSI, feature="c"))
    assert scraped.value(names.DRIFT_SAMPLE, side="current") == 0
    release.set()
    assert until(lambda: scraped.value(names.DRIFT_UP) == 1, 60)
    collector.stop()
    assert scraped.value(names.FEATURE_PSI, feature="a") == 0.3
    assert scraped.value(names.FEATURE_KS, feature="a") == 0.1
    assert scraped.value(names.FEATURE_LEVEL, feature="a") == 2
    assert math.isnan(scraped.value(names.FEATURE_LEVEL, feature="b"))
    assert math.isnan(scraped.value(names.FEATURE_PSI, feature="c"))
    assert scraped.value(names.SCORE_PSI) == 0.05
    assert scraped.value(names.DECISIONS_DISTANCE) == 0.01
    assert scraped.value(names.DRIFT_SAMPLE, side="reference") == 9_000
    assert scraped.value(names.DRIFT_TIME) == 1_790_000_000


def test_of_a_failure_no_old_numbers_are_told(caplog: pytest.LogCaptureFixture) -> None:
    away = [Unknown("postgres: away"), Unknown("postgres: away")]
    answers: list[Measured | Exception] = [FOUND, *away, ValueError("odd")]

    def ask() -> Measured:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    collector = DriftCollector(ask, ["a"], every_s=3_600)
    assert collector.measure()
    with caplog.at_level(logging.WARNING):
        assert not collector.measure()
        assert not collector.measure()
        assert [(one.getMessage(), one.exc_info) for one in caplog.records] == [
            ("drift: postgres: away", None)
        ]
        assert not collector.measure()
        assert caplog.records[-1].exc_info
    answers.append(FOUND)
    found = {sample.name: sample.value for one in collector.collect() for sample in one.samples}
    collector.stop()
    assert math.isnan(found[names.FEATURE_PSI.exported])
    assert math.isnan(found[names.SCORE_PSI.exported])


def test_there_are_never_more_series_than_so_many(release: Event) -> None:
    many = {f"f{number:04}": Moved(0.1, 0.1, 1) for number in range(MOST_FEATURES + 50)}
    collector = DriftCollector(lambda: FOUND._replace(features=many), [], every_s=3_600)
    assert collector.measure()
    families = {one.name: one for one in collector.collect()}
    collector.stop()
    assert len(families[names.FEATURE_PSI.exported].samples) == MOST_FEATURES


def side(begin: int, rows: int, value: int) -> tuple[Period, Population]:
    gathering = Gathering()
    for _ in range(rows):
        gathering.add(0, {"a": value})
    found = Population(Counts({"ALLOW": rows}), gathering.sample())
    return Period(begin, begin + HOUR_MS), found


def test_a_report_as_numbers() -> None:
    found = measured(report("default", side(0, 600, 1), side(HOUR_MS, 700, 2)), 5_000)
    assert found.features["a"].psi > 1
    assert found.features["a"][1:] == (1, 2)
    assert found.score == Moved(0, 0, 0)
    assert (found.decisions, found.at) == (0, 5)
    assert found.sizes == {"reference": 600, "current": 700}
    few = measured(report("default", side(0, 600, 1), side(HOUR_MS, 0, 2)), 0)
    assert all(map(math.isnan, (*few.features["a"], *few.score, few.decisions)))
    assert few.sizes == {"reference": 600, "current": 0}


def test_without_postgres_it_is_off(caplog: pytest.LogCaptureFixture) -> None:
    settings = parse("postgres: {port: 1}", {"RISK_POSTGRES__PASSWORD": "none"})
    collector = drift_collector(settings)
    with caplog.at_level(logging.WARNING):
        assert not collector.measure()
    (said,) = (one.getMessage() for one in caplog.records)
    assert said.startswith("drift: postgres: ")
    psi = next(one for one in collector.collect() if one.name == names.FEATURE_PSI.exported)
    collector.stop()
    assert {sample.labels["feature"] for sample in psi.samples} == set(NAMES)


def test_every_fifteen_minutes_unless_the_settings_say_otherwise() -> None:
    assert parse("", {}).prometheus.drift_interval_s == 900
    assert parse("prometheus: {drift_interval_s: 0}", {}).prometheus.drift_interval_s == 0
