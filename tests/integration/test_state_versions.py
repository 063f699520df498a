"""A savepoint that the previous codec wrote is taken up; one that can't be is refused.

`tests/data/state-v1.tar.gz` holds a savepoint that was written in codec version 1 by the code of
that time, the stream, of which it had read the first 1,200 records, and what it had said of them
under the ruleset of that time, `tests/data/rules/default`.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import msgspec
import pytest

from risk.config.settings import Settings
from risk.kafka.topics import create_topics
from risk.ops import jobs
from risk.ops.ruleset_folder import read_folder
from risk.verify.verification import Report, verify
from tests.pipeline import risk, until
from tests.topics import Sent, count, send

STATE = Path(__file__).parents[1] / "data" / "state-v1.tar.gz"
RULES = Path(__file__).parents[1] / "data" / "rules" / "default"
READ = 1_200


@pytest.fixture
def former(kafka: Settings, flink: Settings, tmp_path: Path) -> tuple[Settings, Path]:
    """The topics as the job left them, and the folder with its savepoint and stream."""
    with tarfile.open(STATE) as archive:
        archive.extractall(tmp_path, filter="data")
    names = msgspec.structs.asdict(flink.topics)
    topics = type(flink.topics)(**{field: f"fz.{field}" for field in names})
    # No Postgres, which would say that another version of the ruleset is active.
    away = msgspec.structs.replace(flink.postgres, port=1)
    settings = msgspec.structs.replace(flink, topics=topics, postgres=away)
    create_topics(settings, settings.kafka.servers)
    lines = (tmp_path / "stream.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in (("first", lines[:READ]), ("rest", lines[READ:])):
        (tmp_path / f"{name}.jsonl").write_text("".join(part), encoding="utf-8")
    if not count(settings, topics.transactions):
        publish(settings, tmp_path / "first.jsonl")
        said = (tmp_path / "said.jsonl").read_text(encoding="utf-8").splitlines()
        for topic in ("scores", "alerts", "late"):
            rows = [json.loads(line) for line in said]
            sent = [
                Sent(key.encode(), value.encode()) for name, key, value in rows if name == topic
            ]
            send(settings, f"fz.{topic}", sent)
    return settings, tmp_path


def publish(settings: Settings, file: Path) -> None:
    done = risk(settings, "generate", "--unpaced", "--from-file", str(file))
    assert done.returncode == 0, done.stderr


def submit(settings: Settings, savepoint: Path, *flags: str) -> tuple[int, str]:
    done = risk(settings, "submit", "score", "--from-savepoint", savepoint.as_uri(), *flags)
    return done.returncode, done.stderr


def compared(settings: Settings) -> Report:
    """What comes of a comparison of the topics as they are now."""
    return verify(settings, read_folder(RULES), ())


def test_another_placement_or_no_savepoint_is_refused(former: tuple[Settings, Path]) -> None:
    settings, folder = former
    code, said = submit(settings, folder / "savepoint", "--placement", "sharded")
    assert code == 2
    assert "it is of the fused placement: use --placement fused, or start without it" in said
    code, said = submit(settings, folder / "nothing")
    assert code == 2
    assert "it can't be read: " in said
    assert "Traceback" not in said


def test_state_of_codec_version_1_is_taken_up(former: tuple[Settings, Path]) -> None:
    settings, folder = former
    code, said = submit(
        settings, folder / "savepoint", "--run-id", "former", "--ruleset", str(RULES)
    )
    assert code == 0, said
    (job,) = [job for job in jobs.running(settings, "score ") if " former " in job.name]
    try:
        publish(settings, folder / "rest.jsonl")
        # A wait of its own: that one is missing stays so, and `verify` would wait for it.
        until(lambda: len(compared(settings).first) == 1, "one alone is missing")
        report = compared(settings)
    finally:
        jobs.cancel(settings, job.id)
    said_before = (folder / "said.jsonl").read_text(encoding="utf-8").splitlines()
    (late,) = [
        json.loads(value) for name, _, value in map(json.loads, said_before) if name == "late"
    ]
    name = f"event {late['event_id']} of user {late['user_id']}"
    # The code of that time left late payments undecided.
    assert report.first == [f"risk.scores: {name} is missing"]
    assert report.corrections > 0
