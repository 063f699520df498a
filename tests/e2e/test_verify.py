"""More than a hundred thousand events through the whole pipeline, and every output compared."""

from __future__ import annotations

import json

from sinks import registry
from tests.pipeline import Pipeline, risk

EVENTS = 104_000
SETTLED_S = "400"  # what all tests have published is compared each time, and takes a minute


def test_a_hundred_thousand_events(pipeline: Pipeline) -> None:
    config = pipeline.stream(
        rate=2_000, duration_s=EVENTS / 2_000, duplicates=0.01, malformed=0.002, late=0.002
    )
    sent = pipeline.publish(config).tally.records
    assert sum(sent.values()) == EVENTS
    assert all(sent.values()), sent  # every kind: duplicates, late, out of order, malformed
    done = risk(pipeline.settings, "verify", "--json", "--wait", SETTLED_S)
    assert done.returncode == 0, done.stderr or done.stdout
    report = json.loads(done.stdout)
    assert report["mismatches"] == 0, report["first"]
    assert report["events"] >= EVENTS
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
