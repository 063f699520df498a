"""Events of every kind through the pipeline: every output compared, also of what came before."""

from __future__ import annotations

import json

from sinks import registry
from tests.pipeline import Pipeline, risk

EVENTS = 26_000
SETTLED_S = "400"  # what all tests have published is compared each time, and takes a minute


def test_every_output_is_as_the_oracle_says(pipeline: Pipeline) -> None:
    every_output_is_exact(pipeline, EVENTS)


def every_output_is_exact(pipeline: Pipeline, count: int) -> None:
    """Publish so many events of every kind; all outputs agree with the oracle."""
    config = pipeline.stream(
        rate=2_000, duration_s=count / 2_000, duplicates=0.01, malformed=0.002, late=0.002
    )
    sent = pipeline.publish(config).tally.records
    assert sum(sent.values()) == count
    assert all(sent.values()), sent  # every kind: duplicates, late, out of order, malformed
    done = risk(pipeline.settings, "verify", "--json", "--wait", SETTLED_S)
    assert done.returncode == 0, done.stderr or done.stdout
    report = json.loads(done.stdout)
    assert report["mismatches"] == 0, report["first"]
    assert report["events"] >= count
    kinds = [report[kind] for kind in ("scored", "duplicate", "late", "rejected")]
    assert sum(kinds) + report["elsewhere"] == report["events"]
    assert all(kinds)
    assert report["corrections"] > 0
    assert set(report["stores"]) == set(registry.delivery_names())
    stores = report["stores"]
    assert stores.pop("feedback")["mismatches"] == 0
    assert report["scored"] < report["rows"] <= report["scored"] + report["late"]
    for name, store in stores.items():
        if registry.entry(name).live_only:  # it has nothing of what a replay alone decided
            assert 0 < store["rows"] <= report["rows"]
        else:
            assert store["rows"] == report["rows"]
    assert all(store["mismatches"] == 0 for store in stores.values())
