"""Run metadata, the archive of rulesets, and which of them is active."""

from __future__ import annotations

import msgspec
import pytest

from risk.cli.main import main
from risk.config import names
from risk.config.settings import Settings, to_environment
from risk.ops.metadata import noted_group
from risk.registry import activations, promotion, rulesets, runs
from risk.registry.promotion import Promotion
from sinks.postgres.connect import connect

pytestmark = pytest.mark.stack
replace = msgspec.structs.replace

RUN = runs.Run(
    run_id="run-1",
    kind="live",
    ruleset="default",
    ruleset_version=1,
    fingerprint="f" * 64,
    code_version="abc",
    placement="fused",
    offsets_from={"0": 0, "1": 7},
)


def test_a_run_from_start_to_end(migrated: Settings) -> None:
    runs.start(migrated, RUN)
    begun = runs.get(migrated, "run-1")
    assert begun is not None
    assert begun.started_at is not None
    assert replace(begun, started_at=None) == RUN
    runs.finish(migrated, "run-1", offsets_to={"0": 9}, counts={"scored": 8, "late": 1})
    ended = runs.get(migrated, "run-1")
    assert ended is not None
    assert ended.ended_at is not None
    assert ended == replace(
        begun,
        ended_at=ended.ended_at,
        offsets_to={"0": 9},
        counts={"scored": 8, "late": 1},
        state="finished",
    )


@pytest.mark.parametrize(
    ("run", "group"),
    [
        (replace(RUN, job_id="j"), "risk-score-default"),
        (replace(RUN, job_id="j", consumer_group="risk-score-default-2"), "risk-score-default-2"),
        (replace(RUN, kind="replay"), "run-1"),  # noted before its job was
    ],
)
def test_a_job_commits_under_the_group_of_its_run(
    migrated: Settings, run: runs.Run, group: str
) -> None:
    runs.start(migrated, replace(RUN, run_id="another", job_id="k", consumer_group="of-another"))
    runs.start(migrated, run)
    name = names.scoring_job("default", 1, "run-1", "5b2469")
    assert noted_group(migrated, "j", name) == group


def test_a_job_of_no_known_run_commits_under_the_group_of_its_ruleset(migrated: Settings) -> None:
    runs.start(migrated, replace(RUN, run_id="another", job_id="k", consumer_group="of-another"))
    name = names.scoring_job("default", 1, "run-1", "5b2469")
    assert noted_group(migrated, "j", name) == names.scoring_group("default")


def test_runs_are_listed_latest_first(migrated: Settings) -> None:
    for number in (1, 2, 3):
        runs.start(migrated, replace(RUN, run_id=f"run-{number}"))
    assert [run.run_id for run in runs.list_runs(migrated, 2)] == ["run-3", "run-2"]


def test_an_unknown_run(migrated: Settings) -> None:
    assert runs.get(migrated, "none") is None
    with pytest.raises(KeyError):
        runs.finish(migrated, "none")


def test_what_is_left_out_at_the_end_stays(migrated: Settings) -> None:
    runs.start(migrated, RUN)
    runs.progress(migrated, "run-1", {"0": 5}, {"scored": 5})
    runs.finish(migrated, "run-1", state="stopped")
    runs.progress(migrated, "run-1", {"0": 6}, {"scored": 6})  # too late
    ended = runs.get(migrated, "run-1")
    assert ended is not None
    assert (ended.offsets_to, ended.counts, ended.state) == ({"0": 5}, {"scored": 5}, "stopped")


@pytest.mark.parametrize("since", [None, 1_740_830_400_000])
def test_what_a_run_knows_of_the_past_is_kept(migrated: Settings, since: int | None) -> None:
    runs.start(migrated, replace(RUN, history_since=since))
    runs.finish(migrated, "run-1")
    ended = runs.get(migrated, "run-1")
    assert ended is not None
    assert ended.history_since == since


def test_runs_of_a_ruleset_and_those_that_run(migrated: Settings) -> None:
    for number, ruleset in enumerate(("default", "strict", "default")):
        runs.start(migrated, replace(RUN, run_id=f"run-{number}", ruleset=ruleset))
    runs.finish(migrated, "run-2")
    assert [run.run_id for run in runs.of_ruleset(migrated, "default", 1)] == ["run-0", "run-2"]
    assert [run.run_id for run in runs.running(migrated)] == ["run-1", "run-0"]


def test_one_ruleset_is_active(migrated: Settings) -> None:
    assert activations.active(migrated) is None
    assert activations.before(migrated) is None
    for chosen in (("default", 1), ("strict", 3), ("strict", 3)):
        activations.activate(migrated, *chosen)
        assert activations.active(migrated) == chosen
    with connect(migrated) as connection:
        assert connection.execute("SELECT count(*) FROM active_ruleset").fetchall() == [(1,)]
    found = activations.history(migrated)
    assert [(one.ruleset, one.how) for one in found] == [
        ("strict", "promote"),
        ("default", "first"),
    ]


def test_rollbacks_go_further_back_each_time(migrated: Settings) -> None:
    versions = [("default", 1), ("strict", 3), ("default", 2)]
    for version in versions:
        activations.activate(migrated, *version)
    for back_to in (versions[1], versions[0]):
        assert activations.before(migrated) == back_to
        activations.activate(migrated, *back_to, "rollback")
        assert activations.active(migrated) == back_to
    assert activations.before(migrated) is None
    activations.activate(migrated, "default", 3)  # what was undone is not gone back to
    assert activations.before(migrated) == versions[0]


def test_a_promotion_is_noted_step_by_step(migrated: Settings) -> None:
    activations.activate(migrated, "default", 1)
    wanted = Promotion("strict", 1, "promote", "live-2", "live-1", "0" * 32)
    assert promotion.under_way(migrated) is None
    promotion.begin(migrated, wanted)
    assert promotion.under_way(migrated) == wanted
    promotion.note_savepoint(migrated, "file:/s", None)
    assert promotion.under_way(migrated) == replace(wanted, savepoint="file:/s")
    promotion.note_history(migrated, 1_740_830_400_000)
    noted = replace(wanted, savepoint="file:/s", history_since=1_740_830_400_000)
    assert promotion.under_way(migrated) == noted
    assert activations.active(migrated) == ("default", 1)
    promotion.finish(migrated, wanted)
    promotion.finish(migrated, wanted)
    assert promotion.under_way(migrated) is None
    assert activations.active(migrated) == ("strict", 1)
    assert activations.before(migrated) == ("default", 1)


def test_a_promotion_given_up_changes_nothing(migrated: Settings) -> None:
    activations.activate(migrated, "default", 1)
    promotion.begin(migrated, Promotion("strict", 1, "promote", "live-2", "live-1", "0" * 32))
    promotion.abandon(migrated)
    assert promotion.under_way(migrated) is None
    assert activations.active(migrated) == ("default", 1)


def test_what_ran_is_kept_whole(migrated: Settings) -> None:
    assert rulesets.get(migrated, "shop") is None
    for version in (1, 2, 10):
        rulesets.archive(migrated, "shop", version, f"f{version}", {"ruleset.yaml": f"v{version}"})
    rulesets.archive(migrated, "shop", 2, "f2", {"ruleset.yaml": "a comment more"})
    one = rulesets.get(migrated, "shop", 2)
    assert one == rulesets.Archived("shop", 2, "f2", {"ruleset.yaml": "v2"})
    latest = rulesets.get(migrated, "shop")
    assert latest is not None
    assert latest.version == 10
    assert rulesets.get(migrated, "shop", 3) is None
    with pytest.raises(rulesets.Conflict, match="shop version 2 ran before"):
        rulesets.archive(migrated, "shop", 2, "other", {})


def test_a_rollback_needs_a_ruleset_that_was_active_before(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in to_environment(migrated).items():
        monkeypatch.setenv(name, value)
    assert main(["rollback"]) == 2
    assert "no ruleset was active before" in capsys.readouterr().err
