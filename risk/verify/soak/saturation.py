"""What the engine sustains: more than it can take, and how fast the slowest job works that off."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

from risk.errors import UserError
from risk.verify.chaos import accounts
from risk.verify.chaos.testbed import Testbed
from risk.verify.soak.load import FAST_RATE, Load
from risk.verify.soak.traffic import Flow
from risk.waiting import until

PAYMENTS: Final = 40_000
LOOK_S: Final = 1.0
LEAST: Final = 1.0  # events/s: what is slower has stopped

Look = tuple[float, Mapping[str, int]]  # when, and each job's lag


def sustained(testbed: Testbed, seed: int, wait_s: float) -> float:
    """Events/s. Raises `UserError` if the jobs don't catch up in `wait_s`."""
    flow = Flow(
        testbed.settings,
        testbed.traffic.folder,
        Load("overload", seed + 1, FAST_RATE, PAYMENTS, paced=False),
        0,
    )
    flow.start()
    looks: list[Look] = []

    def drained() -> bool:
        try:
            behind = accounts.lags(testbed.settings, 0)
        except UserError:
            return False
        looks.append((time.monotonic(), behind))
        return sent() and not any(behind.values())

    ended = False

    def sent() -> bool:
        nonlocal ended
        ended = ended or flow.ended()
        return ended

    try:
        if not until(drained, wait_s, LOOK_S):
            raise UserError(f"the jobs did not work off {PAYMENTS:,} payments in {wait_s:,.0f} s")
    finally:
        flow.kill()
    return max(LEAST, rate(looks))


def rate(looks: Sequence[Look]) -> float:
    """Records/s of the slowest job, from its greatest lag until it had none; 0 if none ever lagged.

    A job commits with its checkpoints: its lag falls in steps, the last of them to 0.
    """
    found = []
    for job in looks[-1][1]:
        points = [(at, behind.get(job, 0)) for at, behind in looks]
        top_at, top = max(points, key=lambda point: (point[1], point[0]))
        over = next((at for at, left in points if at > top_at and not left), None)
        if top and over is not None:
            found.append(top / (over - top_at))
    return min(found, default=0.0)
