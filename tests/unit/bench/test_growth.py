"""The growth benchmark, small, as it is run: in processes of its own, which take turns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SMALL = ("--users", "10", "--population", "10", "--events", "1000", "--batch", "50")


def test_each_size_is_measured_and_compared_with_the_first() -> None:
    risk = Path(sys.executable).with_name("risk")
    done = subprocess.run(
        [str(risk), "bench", "growth", "--json", *SMALL],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [cost["size"] for cost in found["keys"]] == [10, 100, 1_000]
    assert set(found["hot"]) == {"user_id", "ip", "device_id"}
    for costs in (found["keys"], *found["hot"].values()):
        first = costs[0]["us_per_event"]
        assert costs[0]["ratio"] == 1
        for cost in costs:
            assert cost["us_per_event"] > 0
            assert cost["ratio"] == round(cost["us_per_event"] / first, 3)
