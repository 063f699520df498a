"""A user's mistake in a submission: one line that says what to do, exit code 2, no stack trace."""

from __future__ import annotations

import pytest

from risk.config.settings import Settings
from risk.ops import jobs
from risk.stack.process import Home
from tests.pipeline import flink_run, risk

NO_BROKER = {"RISK_KAFKA__PORT": "1"}
WRONG_PORT = {"RISK_KAFKA__PORT": "many"}
UNKNOWN = {"RISK_KAFKA__COLOUR": "red"}

MISTAKES = [
    (["--ruleset", "rules/nothing"], {}, "--ruleset: no ruleset.yaml in "),
    (["--start", "yesterday"], {}, "--start yesterday: use group, earliest, latest, "),
    ([], NO_BROKER, "kafka: 127.0.0.1:1: "),
    ([], WRONG_PORT, "RISK_KAFKA__PORT: kafka.port: Expected `int`, got `str`"),
    ([], UNKNOWN, "Object contains unknown field `colour`"),
]


@pytest.mark.parametrize(("arguments", "environment", "message"), MISTAKES)
def test_risk_submit(
    flink: Settings,
    kafka: Settings,
    arguments: list[str],
    environment: dict[str, str],
    message: str,
) -> None:
    done = risk(flink, "submit", "score", *arguments, environment=environment)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("risk: ")
    assert message in line


@pytest.mark.parametrize(("arguments", "environment", "message"), [MISTAKES[0], MISTAKES[3]])
def test_flink_run(
    flink: Settings,
    kafka: Settings,
    home: Home,
    arguments: list[str],
    environment: dict[str, str],
    message: str,
) -> None:
    job = ("-py", "flink_jobs/score.py", "-pyfs", "build/risk-code.zip")
    jobs.build_zip()
    done = flink_run(flink, home, *job, *arguments, environment=environment)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("risk: ")
    assert message in line


def test_risk_submit_without_a_cluster(kafka: Settings) -> None:
    done = risk(kafka, "submit", "score", environment={"RISK_FLINK__REST_PORT": "1"})
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.endswith("is the stack up? risk up")


def test_risk_submit_of_an_unknown_store(kafka: Settings) -> None:
    done = risk(kafka, "submit", "deliver", "--store", "mongo")
    assert done.returncode == 2
    assert "invalid choice: 'mongo'" in done.stderr.splitlines()[-1]
