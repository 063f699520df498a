"""Records of one batch or several, through all stages and the default ruleset.

A record that a stage fails on is found and left out; but none should be needed to be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

from flink_jobs.lines import FIELD, NULL, RECORD, raws
from risk.engine.features.declared import payments
from risk.engine.features.feature_set import FeatureSet
from risk.engine.rules import Ruleset
from risk.engine.rules.extends import whole
from risk.engine.rules.loader import load
from risk.engine.scoring import score
from risk.engine.stages.base import MemoryStore
from risk.engine.stages.fused import Fused
from risk.engine.stages.reading import Reading
from risk.paths import ROOT
from tests.fuzz.target import Target
from tests.fuzz.targets.payments import OPEN, SMALL, START, WHOLE, WORDS

FOLDERS = ("rules/days", "docs/examples/transfers")
# Stages are new for each input. To compile their conditions would be most of the time.
setattr(payments, "flags", cache(payments.flags))  # noqa: B010


@cache
def scored_by() -> tuple[tuple[Ruleset, FeatureSet], ...]:
    """Rulesets with declared features and attributes."""
    found = []
    for folder in FOLDERS:
        base = ROOT / folder
        files = {str(p.relative_to(base)): p.read_text() for p in base.rglob("*.yaml")}
        if "extends" in files["ruleset.yaml"]:
            own = ROOT / "rules/default"
            other = {str(p.relative_to(own)): p.read_text() for p in own.rglob("*.yaml")}
            files = whole(files, base.name, {"default": other}.get).files
        ruleset = load(files, base.name)
        found.append((ruleset, FeatureSet.of([ruleset])))
    return tuple(found)


def batches(data: bytes) -> Iterator[str]:
    """A batch for each run of lines, each a record: the key is its user_id, where it has one."""
    offset = 0
    for part in data.split(b"\n\n"):
        lines = []
        for line in part.split(b"\n"):
            key = NULL
            try:
                found = json.loads(line)
                if isinstance(found, dict) and isinstance(found.get("user_id"), str):
                    key = found["user_id"].encode().decode("latin-1")
            except (ValueError, RecursionError):
                pass
            value = line.decode("latin-1") if line else NULL
            fields = (str(offset % 2), str(offset), str(START + 100 * offset), key, value)
            lines.append(FIELD.join(fields))
            offset += 1
        yield RECORD.join(lines)


def once(data: bytes) -> object:
    """All records of an input are sorted out, and the payments among them scored.

    What comes of it are reasons of both kinds.
    """
    came: set[str] = set()
    for ruleset, features in scored_by():
        reading = Reading({0: 0, 1: 0}, 30_000, 60_000, 600_000, contract=ruleset.contract)
        fused = Fused(lambda name: MemoryStore(), reading, features=features)
        for batch in batches(data):
            records = raws(batch)
            result = fused.on_batch(records)
            told = len(result.rejected) + len(result.scorables)
            assert told <= len(records) + fused.decide.corrections
            for one in result.scorables:
                found = ruleset.own(one.features)
                outcome = score(ruleset, found, one.txn, one.late)
                came |= {reason.rule for reason in outcome.reasons}
            came |= {one.reason for one in result.rejected}
            came |= {one.behind for one in result.late}
        assert fused.behind_frontier == 0
    return sorted(came)


def _line(**changes: object) -> bytes:
    return json.dumps(WHOLE | changes).encode()


SEEDS = (
    b"\n".join(_line(event_id=f"e{n}", event_time=START + n * 900) for n in range(6)),
    b"\n\n".join(
        _line(event_id=f"e{n}", event_time=START - (n % 3) * 9_000, user_id=f"u{n % 2}")
        for n in range(8)
    ),
    json.dumps(SMALL).encode() + b"\n\n" + json.dumps(OPEN).encode(),
)
TARGET = Target("scoring", once, (), SEEDS, WORDS, "text", 8_000)
