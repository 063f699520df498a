"""Runs a DAG's file once, in Airflow's environment: `airflow_run.py FILE`; prints the states."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import UTC, datetime


def main(path: str) -> None:
    """The run's state, and each task's, as the last line."""
    spec = importlib.util.spec_from_file_location("retrain", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    run = module.dag.test(logical_date=datetime(2026, 11, 30, 3, tzinfo=UTC))
    states = {task.task_id: str(task.state) for task in run.get_task_instances()}
    print(json.dumps({"run": str(run.state), **states}))


if __name__ == "__main__":
    main(sys.argv[1])
