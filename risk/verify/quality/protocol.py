"""Which payments are judged: weeks behind a training period, whose labels come late.

The protocol is the Fraud Detection Handbook's (chapters 3.4 and 5.1). Users of whom a fraud is
known when a payment is made are left out: their card is blocked by then.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from risk.verify.quality.curves import Numbers, Scored

NEVER = 2**31
UNKNOWN = -1  # in place of 1 for fraud and 0 for honest, where nobody knows


class Protocol(NamedTuple):
    """Lengths in days. `starts` are the first days of training, counted from the first payment."""

    train: int
    delay: int
    test: int
    starts: tuple[int, ...]

    @property
    def last_day(self) -> int:
        """The last that is judged."""
        return max(self.starts) + self.train + self.delay + self.test - 1

    def learnt(self, found: Scored, start: int) -> Numbers:
        """Which payments a model learns from, as a mask, for a training period from that day on."""
        inside = (found.day >= start) & (found.day < start + self.train)
        mask: Numbers = inside & (found.fraud != UNKNOWN)
        return mask

    def judged(self, found: Scored, start: int) -> Numbers:
        """Which payments are judged, as a mask, for that training period."""
        first = start + self.train + self.delay
        inside = (found.day >= first) & (found.day < first + self.test) & (found.fraud != UNKNOWN)
        frauds = (found.fraud == 1) & (found.day >= start)
        earliest = np.full(int(found.user.max(initial=0)) + 1, NEVER)
        np.minimum.at(earliest, found.user[frauds], found.day[frauds])
        mask: Numbers = inside & (earliest[found.user] > found.day - self.delay - 1)
        return mask
