"""What operators are told at submission, and what they share of it."""

from __future__ import annotations

from flink_jobs.plan import loaded
from tests.unit.flink_jobs.test_decisions import FILES


def test_a_ruleset_is_loaded_once_in_a_process() -> None:
    """Each operator has files of its own, as they were sent to it."""
    assert loaded(dict(FILES)) is loaded(dict(reversed(FILES.items())))
    text = FILES["high_amount.yaml"]
    changed = {**FILES, "high_amount.yaml": text.replace("points: 60", "points: 61")}
    assert loaded(changed) is not loaded(FILES)
    assert loaded(changed).fingerprint != loaded(FILES).fingerprint
