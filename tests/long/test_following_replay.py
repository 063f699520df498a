"""A replay that follows the live job until it is stopped, and one of a part under its ruleset."""

from __future__ import annotations

import json

from risk.kafka.scan import offsets
from risk.registry import runs
from sinks.postgres.connect import connect
from tests.integration.test_versions import ROWS, command, content
from tests.pipeline import Pipeline, until

EACH = "SELECT event_id, md5(rows::text) FROM risk_scores AS rows WHERE ruleset = %s"


def test_a_replay_that_follows_says_what_comes(pipeline: Pipeline) -> None:
    pipeline.publish(pipeline.stream(rate=300, duration_s=20))
    assert pipeline.verify().mismatches == 0
    command(pipeline, "replay", "--ruleset", "strict", "--json")
    before = _each(pipeline, "strict")
    assert before  # it says all of these once more
    run = json.loads(command(pipeline, "replay", "--ruleset", "strict", "--follow", "--json"))
    assert run["state"] == "running"
    pipeline.publish(pipeline.stream(rate=200, duration_s=5))
    live = pipeline.verify()
    assert live.mismatches == 0, live.first
    decided = live.scored + live.late
    until(lambda: _rows(pipeline, "strict") == decided, "all is said under the other ruleset")
    stopped = json.loads(command(pipeline, "replay", "--stop", run["run_id"], "--json"))
    assert stopped["state"] == "stopped"
    report = json.loads(command(pipeline, "diff", "default", "strict", "--json"))
    assert (report["events"], report["unexplained"]) == (decided, 0)
    assert before.items() <= _each(pipeline, "strict").items()


def test_a_part_under_the_live_ruleset_touches_nothing(pipeline: Pipeline) -> None:
    settings, topic = pipeline.settings, pipeline.settings.topics.transactions
    pipeline.publish(pipeline.stream(rate=200, duration_s=5))
    assert pipeline.verify().mismatches == 0
    before = [content(pipeline, one) for one in ("default", "strict")]
    bounds = offsets(settings, topic)
    part = ",".join(f"{p}:{(low + high) // 2}" for p, (low, high) in bounds.items())
    command(pipeline, "replay", "--ruleset", "default", "--from", part)
    assert [content(pipeline, one) for one in ("default", "strict")] == before
    assert runs.running(settings)[0].kind == "live"


def _rows(pipeline: Pipeline, ruleset: str) -> int:
    with connect(pipeline.settings) as connection:
        return sum(row[1] for row in connection.execute(ROWS, (ruleset,)))


def _each(pipeline: Pipeline, ruleset: str) -> dict[str, str]:
    """A checksum of each event's row, when it was written included."""
    with connect(pipeline.settings) as connection:
        return dict(connection.execute(EACH, (ruleset,)).fetchall())
