"""What is shown of one moment: from the tally, the gauges, and how fast events come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from risk.cli.demonstration.gauges import Gauges
from risk.cli.demonstration.tally import Counts
from risk.cli.demonstration.view import Look

LOOK_S: Final = 1.0


class Pace(msgspec.Struct):
    """How many events there were when they were last looked at, and how fast they came."""

    at: float
    events: int = 0
    rate: float = 0.0

    def look(self, now: float, events: int) -> float:
        """Events/s, worked out once a second."""
        if now - self.at >= LOOK_S:
            self.rate = (events - self.events) / (now - self.at)
            self.at, self.events = now, events
        return self.rate


def moment(
    phase: str,
    elapsed_s: float,
    rate: float,
    counts: Counts,
    decisions: Mapping[str, int],
    gauges: Gauges,
) -> Look:
    """All of it; `rate` in events/s."""
    return Look(
        phase=phase,
        elapsed_s=elapsed_s,
        events=counts.events,
        rate=rate,
        scored=counts.scored,
        waiting=counts.waiting,
        decisions=decisions,
        lags=gauges.lags,
        users=gauges.users,
        ips=gauges.ips,
    )
