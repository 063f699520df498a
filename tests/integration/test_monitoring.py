"""Prometheus on the running pipeline: each panel and each alert finds the data that it asks for."""

from __future__ import annotations

import json
import os
import signal
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from generator import metrics
from generator.publish import Publisher
from generator.stream import records
from risk.config import metric_names as names
from risk.config.settings import Settings
from risk.kafka.client import client_config
from risk.ops import jobs
from risk.ops.metadata import group_of
from risk.registry import runs
from risk.stack.process import Home, alive
from risk.stack.up import status
from tests.pipeline import Pipeline, until, with_own_topics
from tests.promql import ROOT, rules, selectors

RATE, SECONDS = 150.0, 20
PANELS = [
    (f"{board['uid']}: {panel['title']} {target['refId']}", target["expr"])
    for path in sorted((ROOT / "docker" / "grafana" / "dashboards").glob("*.json"))
    for board in [json.loads(path.read_text("utf-8"))]
    for panel in board["panels"]
    for target in panel["targets"]
]
SELECTORS = sorted({selector for rule in rules("alert") for selector in selectors(rule["expr"])})


class Monitored:
    """The pipeline, a job with a shadow ruleset beside it, and what Prometheus knows of them."""

    def __init__(self, settings: Settings, pipeline: Pipeline) -> None:
        self.settings, self.pipeline = settings, pipeline
        self.publisher = Publisher(settings, client_config(settings.kafka), lambda: None)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """An instant query's result."""
        text = urllib.parse.urlencode({"query": expression.replace("$__rate_interval", "1m")})
        url = f"{self.settings.prometheus.url}/api/v1/query?{text}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = json.load(answer)["data"]
        if found["resultType"] == "scalar":
            return [{"metric": {}, "value": found["result"]}]
        result: list[dict[str, Any]] = found["result"]
        return result

    def value(self, expression: str) -> float:
        """The value of an expression with one series."""
        (found,) = self.query(expression)
        return float(found["value"][1])


@pytest.fixture(scope="module")
def monitored(home: Home, pipeline: Pipeline, prometheus: Settings) -> Iterator[Monitored]:
    """After some traffic, with a bit of everything in it, which two scoring jobs have worked on."""
    found = Monitored(prometheus, pipeline)
    trial = with_own_topics(prometheus, "trial")
    jobs.fresh_slots(trial, home)
    shadowed = ("--ruleset", "rules/default", "--shadow", "rules/strict", "--group", "trial")
    job = jobs.submit(trial, home, "score.py", shadowed)
    jobs.wait_running(trial, job)
    config = pipeline.stream(
        rate=RATE, duration_s=SECONDS, malformed=0.02, duplicates=0.02, late=0.01
    )
    beside = Publisher(trial, client_config(trial.kafka), lambda: None)
    section = prometheus.prometheus
    metrics.serve(found.publisher.tally, section.host, section.generator_port)
    threads = [
        threading.Thread(target=publisher.run, args=(records(config), True))
        for publisher in (found.publisher, beside)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.publisher.tally.errors == 0
    yield found
    jobs.cancel(trial, job)


@pytest.mark.parametrize(("panel", "expression"), PANELS, ids=[name for name, _ in PANELS])
def test_a_panel_shows_something(monitored: Monitored, panel: str, expression: str) -> None:
    until(lambda: monitored.query(expression), expression, timeout_s=30)


@pytest.mark.parametrize("selector", SELECTORS)
def test_what_an_alert_looks_at_is_there(monitored: Monitored, selector: str) -> None:
    until(lambda: monitored.query(selector), selector, timeout_s=30)


def test_prometheus_evaluates_every_rule(monitored: Monitored) -> None:
    with urllib.request.urlopen(f"{monitored.settings.prometheus.url}/api/v1/rules") as answer:
        groups = json.load(answer)["data"]["groups"]
    found = {rule["name"]: rule for group in groups for rule in group["rules"]}
    expected = [*(r["record"] for r in rules("record")), *(r["alert"] for r in rules("alert"))]
    assert sorted(found) == sorted(expected)
    assert {name: rule["lastError"] for name, rule in found.items() if rule.get("lastError")} == {}


def test_every_record_is_counted_once(monitored: Monitored) -> None:
    """In the job beside, which read nothing else."""
    trial = monitored.query(f'count by (job_id) ({names.DECISIONS.exported}{{kind="shadow"}})')
    (job,) = {found["metric"]["job_id"] for found in trial}
    where = f'{{job_id="{job}"}}'
    sent = monitored.publisher.tally.sent

    def counted(expression: str, count: float) -> None:
        """A scrape may come while the job tells its counts."""
        until(lambda: monitored.value(f"sum({expression})") == count, f"{expression} is {count}")

    for metric in (names.CONSUMED, names.RECORDS, names.PARTITION_RECORDS):
        counted(metric.exported + where, sent)
    counted(f'{names.EVENT_TO_SCORE.exported}{{job_id="{job}", le="+Inf"}}', sent)
    outcomes = f'{names.RECORDS.exported}{{job_id="{job}", outcome=~"scored|late"}}'
    decided = monitored.value(f"sum({outcomes})")
    for kind in ("live", "shadow"):
        counted(f'{names.DECISIONS.exported}{{job_id="{job}", kind="{kind}"}}', decided)
    assert monitored.value(f"sum({names.BEHIND_FRONTIER.exported}{where})") == 0


def test_lag_is_what_the_broker_says(monitored: Monitored) -> None:
    settings = monitored.settings
    transactions = settings.topics.transactions
    job = monitored.pipeline.jobs["score"]
    (run,) = [run for run in runs.running(settings) if run.job_id == job]
    group = group_of(run)  # a run that has taken over has one of its own
    where = f'{{consumergroup="{group}", topic="{transactions}"}}'
    until(
        lambda: monitored.value(f"sum({names.GROUP_LAG.exported}{where})") == 0,
        "all that was sent is committed",
    )
    consumer = Consumer({**client_config(settings.kafka), "group.id": group})
    places = [TopicPartition(transactions, p) for p in range(settings.kafka.partitions)]
    committed = {place.partition: place.offset for place in consumer.committed(places, timeout=10)}
    ends = {p.partition: consumer.get_watermark_offsets(p, timeout=10)[1] for p in places}
    consumer.close()
    assert committed == ends

    def exported(metric: names.Metric, where: str) -> dict[int, int]:
        found = monitored.query(metric.exported + where)
        return {int(s["metric"]["partition"]): int(s["value"][1]) for s in found}

    assert exported(names.GROUP_OFFSET, where) == committed
    assert exported(names.TOPIC_OFFSET, f'{{topic="{transactions}"}}') == ends


def test_nothing_is_broken_at_rest(monitored: Monitored) -> None:
    firing = monitored.query('ALERTS{alertstate="firing", alertname=~"Risk.*"}')
    found = {alert["metric"]["alertname"] for alert in firing}
    assert not found & {
        *("RiskScoringStopped", "RiskDeliveryStopped", "RiskLagGrowing", "RiskExporterDown"),
        *("RiskEventsBehindFrontier", "RiskWatermarkStuck", "RiskCheckpointSlow"),
    }


def test_an_exporter_that_died_is_started_again(
    monitored: Monitored, home: Home, start: Callable[[str], Settings]
) -> None:
    server, exporter = alive(home, "prometheus"), alive(home, "prometheus-exporter")
    assert exporter is not None
    os.kill(exporter, signal.SIGKILL)
    until(lambda: alive(home, "prometheus-exporter") is None, "the exporter has ended")
    (found,) = [one for one in status(monitored.settings, home) if one.name == "prometheus"]
    assert found.state == "degraded"
    assert found.problem is not None
    start("prometheus")
    assert alive(home, "prometheus-exporter") not in (None, exporter)
    assert alive(home, "prometheus") == server
    until(lambda: monitored.value('up{job="risk-exporter"}') == 1, "it is scraped again")
