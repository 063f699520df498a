"""Two versions of a ruleset's models, one after the other: each decides as it did, years later."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from risk.engine.features.catalogue import NAMES as CATALOGUE
from risk.engine.messages import Score
from risk.engine.models.inputs import FIELDS
from risk.kafka.scan import read_all
from risk.ops import jobs
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from risk.verify.proof.digest import Hashes, Key, of_score
from risk.verify.verification import verify
from tests import grown_models
from tests.pipeline import SETTLE_S, Pipeline, risk, until
from tests.topics import count

NAME = "modelled"
Choose = Callable[[Score], bool]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """`default` under another name with two models, in two versions that differ in their trees."""
    found = []
    for version in (1, 2):
        folder = tmp_path_factory.mktemp(f"version-{version}") / NAME
        shutil.copytree(RULES / "default", folder)
        (folder / "versions.lock").unlink()
        head = folder / "ruleset.yaml"
        text = head.read_text().replace("name: default", f"name: {NAME}")
        own = read_folder(RULES / "default").version
        head.write_text(text.replace(f"version: {own}", f"version: {version}"))
        grown_models.add(folder, [*CATALOGUE, *FIELDS], seed=version)
        found.append(folder)
    return found


def command(pipeline: Pipeline, *arguments: str) -> str:
    done = risk(pipeline.settings, *arguments)
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


def settled(pipeline: Pipeline, chosen: Choose) -> tuple[Hashes, dict[Key, set[str]]]:
    """The hash of each settled score that is chosen, and the files of the models that told it."""
    latest: dict[Key, Score] = {}
    decode = msgspec.json.Decoder(Score).decode
    for message in read_all(pipeline.settings, pipeline.settings.topics.scores):
        score = decode(message.value() or b"")
        key = score.event_id, score.user_id, score.event_time, score.late
        if chosen(score) and (key not in latest or score.revision > latest[key].revision):
            latest[key] = score
    hashes = {key: of_score(score) for key, score in latest.items()}
    files = {
        key: {str(one.file) for one in score.models.values()}
        for key, score in latest.items()
        if score.models is not msgspec.UNSET
    }
    return hashes, files


def live_under(version: int) -> Choose:
    """Scores that counted, under a version of the ruleset."""
    wanted = NAME, version, "live"
    return lambda score: (score.ruleset, score.ruleset_version, score.kind) == wanted


def decide_some(pipeline: Pipeline) -> None:
    """Some hundred payments, decided by whatever runs."""
    settings = pipeline.settings
    with pipeline.traffic(rate=100):
        reached = count(settings, settings.topics.scores)
        until(lambda: count(settings, settings.topics.scores) > reached + 400, "scores flow")


def test_a_replay_under_an_old_model_gives_its_old_hashes(
    pipeline: Pipeline, folders: list[Path]
) -> None:
    settings = pipeline.settings
    rulesets = [read_folder(folder) for folder in folders]
    for folder, ruleset in zip(folders, rulesets, strict=True):
        command(pipeline, "promote", str(folder))
        decide_some(pipeline)
        report = verify(settings, ruleset, wait_s=SETTLE_S)
        assert report.mismatches == 0, report.first
        assert report.scored > 300
    marks = [{one.mark for one in ruleset.models.values()} for ruleset in rulesets]
    assert not marks[0] & marks[1]
    by_version = [settled(pipeline, live_under(ruleset.version)) for ruleset in rulesets]
    for (_, files), own in zip(by_version, marks, strict=True):
        assert all(found == own for found in files.values())
        assert files

    run = json.loads(command(pipeline, "replay", "--ruleset", f"{NAME}:1", "--json"))
    hashes, files = settled(pipeline, lambda score: score.run_id == run["run_id"])
    old, new = (found for found, _ in by_version)
    assert old.items() <= hashes.items()
    assert new.keys() <= hashes.keys()
    assert all(found == marks[0] for found in files.values())
    assert all(hashes[key] != new[key] for key in new)  # other models: another fingerprint
    command(pipeline, "verify", "--run", run["run_id"])

    command(pipeline, "promote", "default")
    (job,) = jobs.running(settings, "score ")
    pipeline.jobs["score"] = job.id
    # Each payment has its decision under `default` from here on, whoever decided it live.
    command(pipeline, "replay", "--ruleset", "default")
    assert pipeline.verify().mismatches == 0
