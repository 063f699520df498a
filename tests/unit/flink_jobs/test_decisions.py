"""Decisions as rows: however many there are, no row is large."""

from __future__ import annotations

from pathlib import Path

import pytest

from flink_jobs.counters import Numbers
from flink_jobs.lines import JSON_RECORD
from flink_jobs.measures import Judgements
from flink_jobs.operators.decisions import AT_ONCE, DecisionWriter
from flink_jobs.plan import ScoringPlan
from flink_jobs.settings import read_ruleset
from risk.config import metric_names as names
from risk.config.settings import Settings
from risk.engine.features.catalogue import TYPES
from risk.engine.features.named import Features
from risk.engine.stages.emission import Emission, Scorable
from tests.unit.flink_jobs.test_job_metrics import Group
from tests.unit.streams import transaction

FILES, _ = read_ruleset(Path(__file__).parents[3] / "rules" / "default")
QUIET = {name: {"int": 0, "float": 0.0, "bool": False}[kind] for name, kind in TYPES.items()}
PLAN = ScoringPlan(
    run_id="run",
    kind="live",
    code_version="",
    emission=Emission(),
    ruleset_files=FILES,
    shadow_files=None,
    earlier=(),
    settings=Settings(),
    keys=(0,),
    starts={0: 0},
    ends=None,
    emitted=None,
    scores_only=False,
)


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
def test_what_is_said_at_once_is_said_in_rows_of_a_bounded_size(count: int) -> None:
    numbers = Numbers(Group())
    writer = DecisionWriter(PLAN, Judgements(numbers, numbers.number(names.INTERNAL_ERRORS)))
    scorables = [Scorable(transaction(number), Features.of(QUIET), 0) for number in range(count)]
    rows = list(writer.rows(scorables))
    lines = [row[2].decode().split(JSON_RECORD) for row in rows]
    assert all(len(some) <= AT_ONCE for some in lines)
    assert sum(map(len, lines)) == count
