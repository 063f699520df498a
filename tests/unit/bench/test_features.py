"""What measures rulesets without a server takes those with features of their own, too."""

from __future__ import annotations

import pytest

from generator.config import StreamConfig
from risk.bench.stages import STAGES, stages
from risk.config.settings import Scoring
from risk.engine.rules import Ruleset
from risk.ops.ruleset_folder import read_folder
from risk.verify.quality.synthetic import judge
from tests import every_feature
from tests.unit.streams import START


@pytest.fixture(scope="module")
def ruleset(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    return read_folder(every_feature.write(tmp_path_factory.mktemp("rulesets")))


def test_stages_are_timed_with_declared_features(ruleset: Ruleset) -> None:
    scoring = Scoring(huge_pages=False)
    costs = stages(ruleset, scoring, rate=20, users=None, events=200, batch=50, partitions=2)
    assert tuple(costs.us_per_event) == STAGES
    assert costs.us_per_event["declared"] > 0


def test_decisions_on_synthetic_traffic_are_judged_with_declared_features(
    ruleset: Ruleset,
) -> None:
    config = StreamConfig(start_time=START, seed=3, rate=50, duration_s=20)
    (judged,) = judge([ruleset], config, Scoring())
    assert judged.ruleset == every_feature.NAME
    assert sum(habit.payments for habit in judged.habits.values()) > 300
