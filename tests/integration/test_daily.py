"""`risk model daily`, from topics and real libraries to Postgres and a ruleset's next version."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.engine.feedback import build, encode
from risk.kafka.topics import create_topics
from risk.ops.ruleset_folder import read_folder
from risk.ops.rulesets import archive, choose
from risk.paths import ROOT, RULES
from risk.registry.models import registered
from risk.stack.process import Home
from sinks.postgres.migrations import migrate
from tests.contract.messages import score
from tests.topics import Sent, send
from tests.unit.verify.training_sets import payments

pytestmark = pytest.mark.stack
DAY = 86_400_000
PLAN = """\
ruleset: {folder}
model: card
kinds: [boosting]
days: {{learn: 20, delay: 7, test: 7}}
gate: {{f1_above: {f1}, frauds: 5, group_frauds: 20, group_worse: 0.5, resamples: 40}}
folder: {work}
"""


@pytest.fixture
def own(kafka: Settings, postgres: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Topics of the test's own; the command's, too."""
    subprocess.run(("make", "--silent", "setup-train"), cwd=ROOT, check=True)
    fields = msgspec.structs.asdict(kafka.topics)
    names = {field: f"t{time.time_ns():x}.{field}" for field in fields}
    topics = msgspec.convert(names, type(kafka.topics))
    settings = msgspec.structs.replace(kafka, topics=topics, postgres=postgres.postgres)
    create_topics(settings, settings.kafka.servers)
    migrate(settings)
    for name, value in to_environment(settings).items():
        monkeypatch.setenv(name, value)
    return settings


def publish(settings: Settings, folder: Path) -> None:
    """Forty days of payments, scored by the folder's ruleset, and what became of the frauds."""
    ruleset = read_folder(folder)
    scores, said = [], []
    for row in payments():
        one = score(row.event_id, user_id=row.user_id, event_time=row.event_time)
        features = one.features | {"user_count_5m": row.inputs[2]}
        made = {"ruleset": ruleset.name, "ruleset_version": ruleset.version}
        one = msgspec.structs.replace(
            one, features=features, fingerprint=ruleset.fingerprint, **made
        )
        scores.append(Sent(row.user_id.encode(), msgspec.json.encode(one)))
        if row.verdict and row.known_at:
            key = row.event_id, row.user_id, row.event_time
            told = build(key, row.verdict, "import", row.known_at, "bank")
            said.append(Sent(row.user_id.encode(), encode(told)))
    send(settings, settings.topics.scores, scores)
    send(settings, settings.topics.feedback, said)


@pytest.mark.timeout(900)
def test_a_day_from_the_topics_to_the_shadow(
    own: Settings, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "default"
    shutil.copytree(RULES / "default", folder)
    archive(own, choose(own, home, str(folder)))
    publish(own, folder)
    before = read_folder(folder).version
    plan = tmp_path / "retrain.yaml"
    plan.write_text(PLAN.format(folder=folder, work=tmp_path / "strict", f1=0.99))
    words = ["model", "daily", "--day", "2025-04-11", "--config", str(plan), "--json"]
    assert main(words) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ruling"]["reasons"][0].startswith("F1 is 0.")
    assert read_folder(folder).version == before
    assert not registered(own)

    plan.write_text(PLAN.format(folder=folder, work=tmp_path / "passing", f1=0.2))
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ruling"]["reasons"] == []
    found = read_folder(folder)
    assert found.version == before + 1
    (model,) = registered(own)
    assert (model.name, model.sha256) == ("card", found.models["card"].digest)
    assert main(words) == 0
    assert read_folder(folder).version == before + 1
    assert main(["rules", "check", str(folder)]) == 0
