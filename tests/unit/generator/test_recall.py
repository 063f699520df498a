"""What the demo promises: the default rules find easy attacks, and leave honest users alone."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pytest

from generator.attacks import ATTACKS, HARD, UNFORESEEN
from generator.config import StreamConfig
from generator.partition import partition
from generator.stream import records
from risk.engine.messages import Label
from risk.engine.scoring import score
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.fused import Fused, Result
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from tests.unit.streams import quiet, reading

PARTITIONS = 4
START = 1_790_000_000_000
RECALL, FLAGGED = 0.9, 0.005
UNKNOWN = 0.05  # of what no rule was written for
HONEST = "honest"
STREAMS = [(7, 60.0), (11, 90.0)]


@cache
def flagged(seed: int, duration_s: float, attack: str = "all") -> dict[str, tuple[float, float]]:
    """By attack: the share flagged at once, and the share flagged when all is settled."""
    ruleset = read_folder(Path(RULES) / "default")
    config = StreamConfig(
        start_time=START, seed=seed, rate=300, duration_s=duration_s, attack=attack
    )
    fused = Fused(lambda _: MemoryStore(), reading(range(PARTITIONS)))
    offsets = [0] * PARTITIONS
    truth: dict[str, str] = {}
    batch: list[Raw] = []
    first: dict[str, bool] = {}
    last: dict[str, bool] = {}

    def note(result: Result) -> None:
        for scorable in result.scorables:
            found = score(ruleset, scorable.features, scorable.txn).decision != "ALLOW"
            first.setdefault(scorable.txn.event_id, found)
            last[scorable.txn.event_id] = found

    for record in records(config):
        where = partition(record.key or b"", PARTITIONS)
        raw = Raw(where, offsets[where], START + record.due_ms, record.key, record.value)
        offsets[where] += 1
        if record.label is not None:
            label = msgspec.json.decode(record.label, type=Label)
            truth[label.event_id] = label.attack or HONEST
        batch.append(raw)
        if len(batch) == 20:
            note(fused.on_batch(batch))
            batch.clear()
    note(fused.on_batch(batch))
    note(fused.on_idle(quiet(range(PARTITIONS))))
    assert fused.behind_frontier == 0
    count = Counter(truth[event_id] for event_id in first)
    at_once = Counter(truth[event_id] for event_id, found in first.items() if found)
    settled = Counter(truth[event_id] for event_id, found in last.items() if found)
    return {name: (at_once[name] / n, settled[name] / n) for name, n in count.items()}


@pytest.mark.parametrize(("seed", "duration_s"), STREAMS)
@pytest.mark.parametrize("attack", [name for name in ATTACKS if name not in HARD])
def test_every_easy_attack_is_found(attack: str, seed: int, duration_s: float) -> None:
    assert min(flagged(seed, duration_s)[attack]) >= RECALL


@pytest.mark.parametrize(("seed", "duration_s"), STREAMS)
def test_honest_users_are_left_alone(seed: int, duration_s: float) -> None:
    assert max(flagged(seed, duration_s)[HONEST]) <= FLAGGED


@pytest.mark.parametrize("attack", list(UNFORESEEN))
def test_what_nobody_foresaw_is_not_found(attack: str) -> None:
    assert max(flagged(7, 40.0, attack)[attack]) <= UNKNOWN
