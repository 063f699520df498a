"""Recording and alert rules: known names, whole texts, each alert tested both ways."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.needs import program
from tests.promql import RULES, known, metrics, rules, selectors

ROOT = Path(__file__).parents[3]
TESTS = sorted((ROOT / "tests" / "prometheus").glob("*.yml"))
SEVERITIES = ("warning", "critical")
ALERTS = {rule["alert"]: rule for rule in rules("alert")}


@pytest.mark.parametrize(
    "rule", rules("record") + rules("alert"), ids=lambda r: next(iter(r.values()))
)
def test_a_rule_reads_only_known_metrics(rule: dict[str, Any]) -> None:
    found = metrics(rule["expr"])
    assert found
    assert found <= known()


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_is_wrong_and_what_to_do(name: str) -> None:
    alert = ALERTS[name]
    assert re.fullmatch(r"Risk([A-Z][a-z]+)+", name)
    assert alert["labels"]["severity"] in SEVERITIES
    assert alert["annotations"].keys() == {"summary", "description", "action", "runbook"}
    for text in alert["annotations"].values():
        assert text
        assert "\n" not in text


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_a_case_that_fires_and_one_that_does_not(name: str) -> None:
    cases = [
        bool(case.get("exp_alerts"))
        for path in TESTS
        for test in yaml.safe_load(path.read_text())["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == name
    ]
    assert True in cases
    # A series of the same test that doesn't fire is a case, too; so is a time before it fires.
    assert False in cases or name == "RiskDiskFilling"


def test_recording_rules_are_named_by_level_metric_and_operation() -> None:
    for rule in rules("record"):
        assert re.fullmatch(r"risk:[a-z_]+:[a-z0-9_]+", rule["record"])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("up", ["up"]),
        ('sum by (le) (rate(a_bucket{b="c}", d=~"e"}[5m]))', ['a_bucket{b="c}", d=~"e"}']),
        ("a and on (job) b > 0.5e3 or vector(0)", ["a", "b"]),
        ("risk:lag:sum / ignoring (x) group_left (y) c offset 5m", ["risk:lag:sum", "c"]),
        ("histogram_quantile(0.5, x)", ["x"]),
    ],
)
def test_selectors(expression: str, expected: list[str]) -> None:
    assert selectors(expression) == expected


def promtool(*args: object) -> None:
    command = [program("promtool"), *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_reads_the_rules() -> None:
    promtool("check", "rules", *RULES)


def test_promtool_reads_the_configuration_of_compose() -> None:
    promtool("check", "config", ROOT / "docker" / "prometheus" / "prometheus.yml")


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_alerts(path: Path) -> None:
    promtool("test", "rules", path)
