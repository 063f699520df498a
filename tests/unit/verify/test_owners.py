"""A payment that the other of two runs has decided is a mismatch."""

from __future__ import annotations

import msgspec

from flink_jobs.messages import Writer
from risk.config.settings import Scoring
from risk.engine.messages import Score
from risk.engine.oracle import Consumed, expected
from risk.engine.stages.base import MemoryStore
from risk.engine.stages.fused import Fused
from risk.engine.takeover.board import Board
from risk.engine.takeover.said import Said
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from risk.verify import comparison
from risk.verify.comparison import Line
from risk.verify.takeovers import Owners
from tests.unit.streams import START, raw, reading, transaction

RULESET = read_folder(RULES / "default")
RAWS = [raw(transaction(n, event_time=START + 1_000 * n), n) for n in range(10)]
AT = RAWS[6].append_time


def board() -> Board:
    found = Board()
    for said in (
        Said("offered", "new", "operation", old="old"),
        Said("proposed", "new", "operation", lead_ms=1_000),
        Said("promised", "new", "old", at=AT),
    ):
        found.hear(said, AT - 1_000)
    return found


def problems(runs: list[str]) -> list[str]:
    """What is wrong where these runs have decided the payments."""
    lines = []
    for one, run in zip(RAWS, runs, strict=True):
        found = Fused(lambda stage: MemoryStore(), reading()).on_batch(RAWS[: one.offset + 1])
        said = Writer(RULESET, run).decisions(found.scorables[-1:], START)
        key, _, value = said.scores[0].partition("\t")
        lines.append(Line(key.encode(), value.encode()))
    want = expected(
        [Consumed(r.partition, r.offset, r.append_time, r.key, r.value) for r in RAWS],
        RULESET,
        Scoring(),
    )
    return comparison.scores(lines, want, RULESET, owners=Owners(board())).problems


def test_each_run_decides_what_is_its_own() -> None:
    assert problems(["old"] * 6 + ["new"] * 4) == []
    assert problems(["another"] * 10) == []  # no takeover names it


def test_what_the_other_run_has_decided_is_a_mismatch() -> None:
    (early,) = problems(["old"] * 5 + ["new"] * 5)
    assert early.endswith("was decided by new, and was another run's to decide")
    (late,) = problems(["old"] * 7 + ["new"] * 3)
    assert late.endswith("was decided by old, and was another run's to decide")


def test_what_no_run_of_a_takeover_has_said_is_not_judged() -> None:
    score = msgspec.json.Decoder(Score).decode
    found = Fused(lambda stage: MemoryStore(), reading()).on_batch(RAWS[:1])
    line = Writer(RULESET, "new", "replay").decisions(found.scorables, START).scores[0]
    want = expected([], RULESET, Scoring())
    assert Owners(board()).wrong(score(line.partition("\t")[2]), want) is None
