"""Another ruleset: replayed beside the live one, compared with it, promoted, and rolled back."""

from __future__ import annotations

import json
from typing import Any

from risk.kafka.scan import offsets
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from risk.registry import runs
from sinks.postgres.connect import connect
from sinks.redis import scan
from tests.pipeline import Pipeline, risk

ROWS = (
    "SELECT ruleset, count(*), md5(string_agg(rows::text, '' ORDER BY event_id)) "
    "FROM risk_scores AS rows WHERE ruleset = %s GROUP BY ruleset"
)

DEFAULT, STRICT = (
    (name, read_folder(ROOT / "rules" / name).version) for name in ("default", "strict")
)


def content(pipeline: Pipeline, ruleset: str) -> list[object]:
    """All that is live, and a ruleset's rows in Postgres, when they were written included."""
    settings = pipeline.settings
    with connect(settings) as connection:
        found: list[object] = list(connection.execute(ROWS, (ruleset,)))
    alerts = offsets(settings, settings.topics.alerts)
    return [*found, list(scan(settings, *DEFAULT)), alerts]


def command(pipeline: Pipeline, *arguments: str) -> str:
    done = risk(pipeline.settings, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_job_that_runs_takes_no_shadow(pipeline: Pipeline) -> None:
    done = risk(pipeline.settings, "submit", "all", "--shadow", "strict")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("risk: --shadow strict: ")
    assert f"flink cancel {pipeline.jobs['score']}" in line


def test_a_replay_touches_nothing_live_and_is_explained(pipeline: Pipeline) -> None:
    settings = pipeline.settings
    pipeline.publish(pipeline.stream(rate=300, duration_s=20))
    assert pipeline.verify().mismatches == 0
    live = content(pipeline, "default")

    run = json.loads(command(pipeline, "replay", "--ruleset", "strict", "--json"))
    assert run["state"] == "finished"
    counts = run["counts"]
    outcomes = ("scored", "duplicate", "late", "rejected")
    assert counts["consumed"] == sum(counts[name] for name in outcomes)
    assert counts["consumed"] == sum(run["offsets_to"].values()) - sum(run["offsets_from"].values())
    assert content(pipeline, "default") == live
    report: dict[str, Any] = json.loads(command(pipeline, "diff", "default", "strict", "--json"))
    assert report["events"] > 0
    assert report["flips"] > 0
    assert (report["unexplained"], report["other_features"]) == (0, 0)
    command(pipeline, "verify", "--run", run["run_id"])

    assert runs.running(settings)[0].kind == "live"
