"""How much a key may ask for: a token bucket each. Pure: it is told what time it is."""

from __future__ import annotations

import math
from typing import NamedTuple


class Standing(NamedTuple):
    """How a key stands: `left` requests may come at once; `wait_s` until one may, 0 if now."""

    left: int
    wait_s: int
    rate: int
    burst: int

    def headers(self) -> dict[str, str]:
        """The RateLimit fields: of a window as long as an empty bucket takes to be full again."""
        window = max(1, math.ceil(self.burst / self.rate))
        told = {
            "ratelimit-policy": f'"key";q={self.burst};w={window}',
            "ratelimit": f'"key";r={self.left};t={self.wait_s or 1}',
        }
        return told | ({"retry-after": str(self.wait_s)} if self.wait_s else {})


class Bucket:
    """Fills by `rate` tokens a second up to `burst`. A payment costs one, as other requests do.

    A body of many payments is taken while there is one token, and what it costs beyond the bucket
    is owed: so no body is too large for a bucket, and over time no key gets more than its rate.
    """

    def __init__(self, rate: int, burst: int, now: float) -> None:
        self.rate, self.burst = rate, burst
        self._tokens, self._at = float(burst), now

    def take(self, now: float, cost: int = 1) -> Standing:
        """Take a request's tokens, or none if it has to wait. `now` is in seconds, never back."""
        self._fill(now)
        if self._tokens < 1:
            return self._standing(math.ceil((1 - self._tokens) / self.rate))
        self._tokens -= cost
        return self._standing(0)

    def owe(self, cost: int) -> None:
        """Take more of what was taken already."""
        self._tokens -= cost

    def _fill(self, now: float) -> None:
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now

    def _standing(self, wait_s: int) -> Standing:
        return Standing(max(0, int(self._tokens)), wait_s, self.rate, self.burst)
