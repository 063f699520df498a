"""What has become of the records of a stream."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from generator.record import KINDS, Kind

# Upper bounds in seconds, as Prometheus reads them: what is at the bound belongs below it.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Tally:
    """Counts as the broker acknowledges. `truth` has the labels by attack, "none" for honest."""

    def __init__(self) -> None:
        self.records: Counter[Kind] = Counter(dict.fromkeys(KINDS, 0))
        self.truth: Counter[str] = Counter()
        self.in_flight = 0  # handed over, but neither acknowledged nor failed
        self.errors = 0
        self.first_error: str | None = None
        self.renewals = 0  # of the client that publishes, each after a message had timed out
        self.behind_s = 0.0
        self.most_behind_s = 0.0
        self.latency_s = 0.0  # the sum over all records
        self.latencies = [0] * (len(BOUNDS) + 1)  # how many within each bound, and beyond all

    @property
    def sent(self) -> int:
        """Records of all kinds."""
        return sum(self.records.values())

    @property
    def labels(self) -> int:
        """Labels of all attacks, and of honest payments."""
        return sum(self.truth.values())

    def delivered(self, kind: Kind, latency_s: float) -> None:
        """A record was acknowledged, so long after it was handed over."""
        self.records[kind] += 1
        self.latency_s += latency_s
        self.latencies[bisect_left(BOUNDS, latency_s)] += 1

    def failed(self, reason: str) -> None:
        """A record or a label was not delivered."""
        self.errors += 1
        self.first_error = self.first_error or reason

    def behind(self, seconds: float) -> None:
        """Publishing is so far behind its schedule; 0 when it is on time."""
        self.behind_s = seconds
        self.most_behind_s = max(self.most_behind_s, seconds)
