"""An Airflow 3 DAG for daily retraining: it only calls `risk model daily`, step by step.

Put it into Airflow's folder of DAGs, and the project's folder into RISK_HOME. What a step has done
is noted by the command itself, so a task may be tried again, or cleared, at any time.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

STEPS = ("build-set", "train", "gate", "register", "shadow")
HOME = os.environ.get("RISK_HOME", "/srv/risk")
COMMAND = os.environ.get("RISK_COMMAND", f"{HOME}/.venv/bin/risk")
NOT_PASSED = 1  # what the command ends with if the candidate doesn't pass: no failure

with DAG(
    "risk_retrain",
    description="Retrain the model, and shadow what passes the gate",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
    tags=["risk"],
) as dag:
    tasks = [
        BashOperator(
            task_id=step.replace("-", "_"),
            # The day that the run is of: what is known when it begins is known.
            bash_command=f"{COMMAND} model daily --day {{{{ ds }}}} --until {step}",
            cwd=HOME,
            append_env=True,
            skip_on_exit_code=NOT_PASSED,  # the steps behind the gate are skipped then, too
        )
        for step in STEPS
    ]
    for before, after in pairwise(tasks):
        before >> after
