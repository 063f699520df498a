"""The Airflow DAG of the examples: parsed and run by Airflow itself, with SQLite."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from risk.cli.main import parser
from risk.paths import ROOT
from risk.verify.retrain.daily import STEPS
from tests import needs

DAG = ROOT / "docs" / "examples" / "airflow" / "retrain.py"
RUN = ROOT / "tests" / "integration" / "airflow_run.py"
# In place of `risk`: notes what it is told, and ends as the gate is to end.
COMMAND = """\
#!/bin/sh
echo "$*" >> "$RISK_HOME/calls"
case "$*" in *"--until gate"*) exit "$GATE";; esac
"""
TASKS = [step.replace("-", "_") for step in STEPS]


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an Airflow with an empty database."""
    python = needs.airflow()
    home = tmp_path_factory.mktemp("airflow")
    command = home / "risk"
    command.write_text(COMMAND)
    command.chmod(0o755)
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAG.parent),
        "RISK_HOME": str(home),
        "RISK_COMMAND": str(command),
    }
    subprocess.run(
        [python.with_name("airflow"), "db", "migrate"],
        env=environment,
        check=True,
        capture_output=True,
    )
    return environment


def ran(environment: dict[str, str], gate: int) -> tuple[dict[str, str], list[str]]:
    """The states of a run whose gate ends so, and the commands that were called."""
    calls = Path(environment["RISK_HOME"]) / "calls"
    calls.unlink(missing_ok=True)
    done = subprocess.run(
        [needs.airflow(), RUN, DAG],
        env=environment | {"GATE": str(gate)},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1]), calls.read_text().splitlines()


def called(*steps: str) -> list[str]:
    return [f"model daily --day 2026-11-30 --until {step}" for step in steps]


@pytest.mark.timeout(900)
def test_every_step_is_called_in_order(airflow: dict[str, str]) -> None:
    states, calls = ran(airflow, gate=0)
    assert states == {"run": "success", **dict.fromkeys(TASKS, "success")}
    assert calls == called(*STEPS)


@pytest.mark.timeout(900)
def test_behind_a_gate_that_is_not_passed_nothing_is_called(airflow: dict[str, str]) -> None:
    states, calls = ran(airflow, gate=1)
    assert calls == called("build-set", "train", "gate")
    assert [states[name] for name in TASKS[2:]] == ["skipped"] * 3
    assert states["run"] == "success"


@pytest.mark.parametrize("call", called(*STEPS))
def test_the_command_takes_what_it_is_called_with(call: str) -> None:
    assert parser().parse_args(call.split()).until in STEPS
