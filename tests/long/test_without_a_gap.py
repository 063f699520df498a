"""Another ruleset takes over under traffic: no payment without a decision, none decided twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from risk.config.settings import Settings
from risk.engine.messages import Score
from risk.engine.rules import Ruleset
from risk.kafka.groups import committed
from risk.kafka.scan import read_all
from risk.ops import jobs
from risk.ops.agreement import agreed_by
from risk.ops.metadata import group_of
from risk.ops.ruleset_folder import read_folder
from risk.registry import activations, promotion, runs
from risk.verify.verification import verify
from tests.pipeline import SETTLE_S, Pipeline, risk, until
from tests.topics import count

GAP_MS = 2_000
HEAD = """
name: merchants
version: 1
description: Two features that default doesn't have.

thresholds:
  review: 40
  block: 75
"""
RULE = """
id: busy_merchant
version: 1
description: More payments at one merchant in ten minutes than usual.
points: 40
when: merchant_payments_10m > 4 and merchant_amount_30d > 100000
reason: "{merchant_payments_10m} payments at the merchant in 10 minutes"
tests:
  - {name: busy, hit: true, given: {merchant_payments_10m: 5, merchant_amount_30d: 100001}}
  - {name: idle, hit: false, given: {merchant_payments_10m: 4, merchant_amount_30d: 100001}}
"""
FEATURES = """
merchant_payments_10m:
  key: merchant_id
  window: 10m
  value: count
  about: payments in 10 minutes
  tests:
    - {name: two, payments: [{amount: 1000}, {at: 5m, amount: 2000}], value: 2}
merchant_amount_30d:
  key: merchant_id
  window: 30d
  step: 1h
  value: sum(amount)
  about: minor units in a month
  tests:
    - {name: two, payments: [{amount: 1000}, {at: 5m, amount: 2000}], value: 3000}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ruleset with features that `default` doesn't have."""
    made = tmp_path_factory.mktemp("rules") / "merchants"
    (made / "features").mkdir(parents=True)
    (made / "ruleset.yaml").write_text(HEAD)
    (made / "busy_merchant.yaml").write_text(RULE)
    (made / "features" / "merchant.yaml").write_text(FEATURES)
    return made


def live(settings: Settings) -> Iterator[tuple[int, Score]]:
    """Every first live decision, with when it was appended to risk.scores, ms UTC."""
    decode = msgspec.json.Decoder(Score).decode
    for message in read_all(settings, settings.topics.scores):
        score = decode(message.value() or b"")
        if score.kind == "live" and not score.revision:
            yield message.timestamp()[1], score


def promoted(pipeline: Pipeline, *arguments: str) -> tuple[str, str]:
    """Let a ruleset take over under traffic; the runs that decided before and after."""
    settings = pipeline.settings
    (old,) = [run for run in runs.running(settings) if run.kind == "live"]
    with pipeline.traffic(rate=80, at_most_s=1_800):
        reached = count(settings, settings.topics.scores)
        until(lambda: count(settings, settings.topics.scores) > reached + 300, "scores flow")
        done = risk(settings, *arguments)
        assert done.returncode == 0, done.stderr
        reached = count(settings, settings.topics.scores)
        until(lambda: count(settings, settings.topics.scores) > reached + 300, "scores flow")
    (new,) = [run for run in runs.running(settings) if run.kind == "live"]
    assert new.run_id != old.run_id
    # The lag of a group that nobody commits under would only grow.
    assert committed(settings, group_of(old), settings.topics.transactions) == {}
    (job,) = jobs.running(settings, "score ")
    assert job.id == new.job_id
    pipeline.jobs["score"] = job.id
    return old.run_id, new.run_id


def verified(pipeline: Pipeline, ruleset: Ruleset) -> None:
    """Every output of the topics is as the oracle has it."""
    report = verify(pipeline.settings, ruleset, (), SETTLE_S)
    assert report.mismatches == 0, report.first
    assert report.scored > 300


def check(pipeline: Pipeline, old: str, new: str) -> None:
    """Each payment was decided live once, by the run whose it is, and without a gap."""
    settings = pipeline.settings
    found = agreed_by(settings, new)
    assert found is not None
    assert found.at is not None
    by_run = defaultdict(list)
    decided = defaultdict(set)
    for _, score in live(settings):
        by_run[score.run_id].append(score.scored_at)
        decided[score.user_id, score.event_id, score.event_time, score.late].add(score.run_id)
    assert all(len(by) == 1 for by in decided.values())
    assert min(by_run[new]) >= found.at - 1_000  # clocks of one machine
    around = sorted(at for run in (old, new) for at in by_run[run] if abs(at - found.at) < 10_000)
    assert len(around) > 1_000
    gap = max(after - before for before, after in pairwise(around))
    assert gap < GAP_MS


def says_since(pipeline: Pipeline, run_id: str) -> None:
    """Whatever looks back beyond the 7 days that the run has read says so, and nothing else."""
    run = runs.get(pipeline.settings, run_id)
    assert run is not None
    moment = run.history_since
    assert moment is not None
    found = [score for _, score in live(pipeline.settings) if score.run_id == run_id]
    assert len(found) > 300
    for score in found:
        if score.late:  # decided on what it says itself
            assert score.since is msgspec.UNSET
            continue
        assert not isinstance(score.since, msgspec.UnsetType)
        assert set(score.since.values()) == {moment}
        named = set(score.since)
        assert "user_history_count" in named
        assert not named & {"merchant_payments_10m", "user_count_5m", "device_session_users"}
        declared = "merchant_amount_30d" in score.features
        assert ("merchant_amount_30d" in named) == declared


def test_a_ruleset_takes_over_and_the_one_before_comes_back(
    pipeline: Pipeline, folder: Path
) -> None:
    """The first reads what Kafka holds, as its features are new; the other has a savepoint."""
    settings = pipeline.settings
    done = risk(settings, "promote", str(folder))
    assert done.returncode == 2
    assert "`risk promote merchants --bootstrap 7d`" in done.stderr
    first = promoted(pipeline, "promote", str(folder), "--bootstrap", "7d")
    back = promoted(pipeline, "rollback")
    before = runs.get(settings, first[0])
    assert before is not None
    assert before.history_since is None  # it began with the topic's first record
    for _, new in (first, back):  # the one that comes back goes on from what the other has read
        says_since(pipeline, new)
    check(pipeline, *first)
    check(pipeline, *back)
    assert promotion.under_way(settings) is None
    assert activations.active(settings) == (pipeline.ruleset.name, pipeline.ruleset.version)
    verified(pipeline, read_folder(folder))
    verified(pipeline, pipeline.ruleset)
