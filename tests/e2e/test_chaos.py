"""A few faults of each sort on the running pipeline, as `risk chaos` does them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.pipeline import Pipeline, risk

# A job's process, a store's processes, the producer's, its clock: each comes back in another way.
FAULTS = "^kill-taskmanager score|^freeze-store redis|^kill-generator|^clock-back"


def test_faults_under_traffic_lose_nothing(pipeline: Pipeline, tmp_path: Path) -> None:
    report = tmp_path / "chaos.json"
    done = risk(
        pipeline.settings,
        *("chaos", "--here", "--faults", "4", "--seed", "3", "--rate", "40", "--only", FAULTS),
        *("--prompt", "5", "--json", "--report", str(report)),
    )
    assert done.returncode == 0, done.stderr or done.stdout
    found = json.loads(done.stdout)
    assert found == json.loads(report.read_bytes())
    assert found["sound"], found["problems"]
    assert len({row["kind"] for row in found["rows"]}) == 4
    assert found["recovery"]["kill-taskmanager score"]["longest_s"] > 0
    totals = found["totals"]
    assert totals["acknowledged"] > 0
    assert totals["consumed"] == totals["in_topic"]
    assert totals["late"] > 100, "for 5 s or more all that was sent was of an hour ago"
    assert totals["duplicate"] > 0, "the generator sends some once more after it was killed"
    assert not any(totals["lag"].values())
