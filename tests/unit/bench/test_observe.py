from __future__ import annotations

from risk.bench.observe import Observed
from risk.bench.publisher import Published
from risk.bench.schedule import Due
from risk.bench.stats import latency
from risk.bench.watch import Sample, Seen

START = 100.0


def observed(received: dict[str, float], seen: dict[str, float]) -> Observed:
    """Of one event a second for ten seconds, of which every second one is a sample."""
    dues = [Due(float(at), b"u", b"", f"e{at}", at, "u") for at in range(10)]
    samples = [Sample(due.at, due.event_id, due.event_time, due.user_id) for due in dues[::2]]
    stores = {"redis": Seen(seen, [0.01])}
    return Observed(START, dues, received, samples, stores, Published(latency([0.0]), 0))


def test_an_event_belongs_to_the_phase_in_which_it_was_due() -> None:
    found = observed({"e4": 104.1, "e5": 109.0, "e6": 106.2}, {})
    before, after = found.latency(4, 5), found.latency(5, 7)
    assert (before.count, before.max_ms) == (1, 100.0)
    assert (after.count, after.p50_ms, after.max_ms) == (2, 200.0, 4_000.0)


def test_an_event_without_a_score_is_missing_in_its_phase_alone() -> None:
    found = observed({"e0": 100.1, "e2": 102.1}, {})
    assert found.latency(0, 2).missing == 1
    assert found.latency(2, 3).missing == 0


def test_a_store_is_asked_for_samples_alone() -> None:
    found = observed({}, {"e0": 100.5, "e2": 102.1}).store_latency("redis", 0, 4)
    assert (found.count, found.missing, found.max_ms) == (2, 0, 500.0)
