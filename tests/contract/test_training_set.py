"""`risk model build-set`: from risk.scores and risk.feedback, as they stand in Kafka, to a file."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.engine.feedback import Feedback, build, encode
from risk.engine.messages import Score
from risk.engine.rules import Ruleset
from risk.kafka.topics import create_topics
from risk.ops.models.sets.training_set import load
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from tests.contract.messages import NOON, score
from tests.topics import Sent, send

pytestmark = pytest.mark.stack
DAY = 86_400_000
RANGE = ("--from", "2025-03-01", "--to", "2025-03-10", "--as-of", "2025-03-31")


@pytest.fixture
def own(kafka: Settings, migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A database and topics of the test's own; the command's, too."""
    fields = msgspec.structs.asdict(kafka.topics)
    names = {field: f"t{time.time_ns():x}.{field}" for field in fields}
    topics = msgspec.convert(names, type(kafka.topics))
    settings = msgspec.structs.replace(kafka, topics=topics, postgres=migrated.postgres)
    create_topics(settings, settings.kafka.servers)
    for name, value in to_environment(settings).items():
        monkeypatch.setenv(name, value)
    return settings


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return read_folder(RULES / "default")


def by(ruleset: Ruleset, one: Score) -> Score:
    """The same score, as if this ruleset had made it."""
    return msgspec.structs.replace(
        one,
        ruleset=ruleset.name,
        ruleset_version=ruleset.version,
        fingerprint=ruleset.fingerprint,
    )


def scored(settings: Settings, scores: Sequence[Score]) -> None:
    found = [Sent(one.user_id.encode(), msgspec.json.encode(one)) for one in scores]
    send(settings, settings.topics.scores, found)


def say(settings: Settings, said: Sequence[Feedback]) -> None:
    found = [Sent(one.user_id.encode(), encode(one)) for one in said]
    send(settings, settings.topics.feedback, found)


def test_a_set_is_what_scoring_saw_with_what_was_known(
    own: Settings, ruleset: Ruleset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = [
        score("e1"),
        score("e1", points=50, revision=1),
        score("e2", user_id="u-2", country="FR"),
        score("e3", late=True),
        score("e4", event_time=NOON + 30 * DAY),
        score("e5", kind="replay", run_id="replay-1"),
    ]
    scored(own, [by(ruleset, one) for one in scores])
    send(own, own.topics.scores, [Sent(b"u-1", b"no score")])
    say(
        own,
        [
            # An import says itself since when it is known; an analyst's word of today is too late.
            build(("e1", "u-1", NOON), "fraud", "import", NOON + DAY, "system"),
            build(("e2", "u-2", NOON), "fraud", "analyst", NOON + DAY, "ana"),
            build(("gone", "u-9", NOON), "fraud", "import", NOON + DAY, "system"),
        ],
    )
    out = tmp_path / "set.parquet"
    assert main(["model", "build-set", str(out), *RANGE, "--ruleset", "default"]) == 0
    shown = capsys.readouterr().out
    assert "payments\t2\nfraud, as was said\t1\nlegitimate, as was said\t0\n" in shown
    found = load(out)
    assert found.fraud.tolist() == [1, 0]
    assert found.known_at.tolist() == [NOON + DAY, -1]
    assert found.texts["country"].tolist() == ["DE", "FR"]
    said = json.loads(out.with_suffix(".json").read_text())
    assert said["fingerprint"] == ruleset.fingerprint
    assert said["counts"]["left_out"] == {
        "late": 1,
        "scored_otherwise": 1,
        "unreadable_scores": 1,
        "feedback_on_others": 1,
        "not_mature": 0,
    }
    read = said["scores"]["offsets"].values()
    assert sum(high - low for low, high in read) == len(scores) + 1
    assert said["scores"]["topic"] == own.topics.scores
    again = tmp_path / "again.parquet"
    assert main(["model", "build-set", str(again), *RANGE, "--ruleset", "default"]) == 0
    assert again.read_bytes() == out.read_bytes()
    assert again.with_suffix(".json").read_bytes() == out.with_suffix(".json").read_bytes()


def test_the_scores_of_a_replay(
    own: Settings, ruleset: Ruleset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(own, [by(ruleset, score("e1")), by(ruleset, score("e2", kind="replay", run_id="r-1"))])
    out = tmp_path / "set.parquet"
    assert main(["model", "build-set", str(out), *RANGE, "--run", "r-1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["run"] == "r-1"
    assert len(load(out).fraud) == 1
    assert main(["model", "build-set", str(out), *RANGE, "--run", "r-2"]) == 2
    assert "risk: --run r-2: it scored none from 2025-03-01" in capsys.readouterr().err


def test_live_scores_of_two_rulesets_are_refused(
    own: Settings, ruleset: Ruleset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(own, [by(ruleset, score("e1")), score("e2", ruleset=("strict", 3))])
    out = tmp_path / "set.parquet"
    assert main(["model", "build-set", str(out), *RANGE]) == 2
    assert "were scored by 2 rulesets: 1 by default:" in capsys.readouterr().err
    assert not out.exists()
    assert main(["model", "build-set", str(out), *RANGE, "--ruleset", "default"]) == 0
    assert load(out).manifest.ruleset == "default"


def test_a_range_without_scores(
    own: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "set.parquet"
    assert main(["model", "build-set", str(out), *RANGE]) == 2
    assert "risk: no payments from 2025-03-01 00:00:00.000 up to" in capsys.readouterr().err
