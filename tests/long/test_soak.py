"""Half a minute of `risk soak` on the running pipeline: it samples, drains and compares."""

from __future__ import annotations

import json
from pathlib import Path

from risk.ops.submit import every_kind
from tests.pipeline import Pipeline, risk

FIGURES = {"memory", "handles", "threads", "lag", "state", "checkpoint", "restarts"}


def test_half_a_minute_of_steady_traffic_is_sound(pipeline: Pipeline, tmp_path: Path) -> None:
    report = tmp_path / "soak.json"
    done = risk(
        pipeline.settings,
        *("soak", "--here", "--minutes", "0.5", "--rate", "40", "--seed", "5", "--json"),
        *("--wait", "240", "--report", str(report)),
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert found["sound"], found["problems"]
    assert done.returncode == 0, done.stderr
    assert found == json.loads(report.read_bytes())
    assert {one["figure"] for one in found["verdicts"]} == FIGURES
    processes = found["samples"][-1]["processes"]
    assert {"kafka", "postgres", "redis", "flink"} < processes.keys()
    assert all(taken["memory"] > 1 for taken in processes.values()), processes
    for kind in every_kind():
        assert processes[f"taskmanager {kind}"]["threads"] > 10
        assert found["samples"][-1]["jobs"][kind]["lag"] is not None
    accounts = found["accounts"]
    assert accounts["acknowledged"] == found["load"]["payments"] == 1_200
    assert accounts["drained_s"] is not None
    assert accounts["mismatches"] == 0
    page = report.with_suffix(".html").read_text(encoding="utf-8")
    assert page.count("<polyline") == len(found["verdicts"])
