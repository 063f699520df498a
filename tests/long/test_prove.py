"""A proof in small: one stream in heavy disorder, its job killed twice in mid-run."""

from __future__ import annotations

import json
from pathlib import Path

from risk.config.settings import Settings
from tests.pipeline import risk

EVENTS = 40_000  # more than wait in buffers by the first checkpoint
VARIANTS = ("killed",)


def test_a_small_proof(kafka: Settings, flink: Settings, tmp_path: Path) -> None:
    done = risk(
        flink,
        *("prove", "--events", str(EVENTS), "--seed", "3", "--variants", ",".join(VARIANTS)),
        *("--json", "--report", str(tmp_path / "proof.json")),
    )
    assert done.returncode == 0, done.stderr or done.stdout
    report = json.loads(done.stdout)
    assert report["proved"], report["problems"]
    oracle, runs = report["oracle"], report["runs"]
    assert sum(oracle[kind] for kind in ("scored", "duplicate", "late", "rejected")) == EVENTS
    assert all(oracle[kind] for kind in ("duplicate", "conflicts", "late", "rejected"))
    assert tuple(runs) == VARIANTS
    for run in runs.values():
        assert run["judgement"]["differences"] == 0
        for hash_ in ("scores_hash", "late_hash", "rejected_hash"):
            assert run["judgement"][hash_] == oracle[hash_]
        assert run["behind"] == 0
        assert run["judgement"]["corrections"] > 0
        assert set(run["judgement"]["revisions"]) == {"0", "1"}
    kills = runs["killed"]["kills"]
    assert [kill["checkpoints"] > 0 for kill in kills] == [True, True]
    assert all(0 < kill["read"] < EVENTS for kill in kills)
    assert "# Proved" in (tmp_path / "proof.md").read_text(encoding="utf-8")
