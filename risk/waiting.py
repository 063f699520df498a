"""One way to wait: for a condition, and not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
POLL_S = 0.2


def until(ask: Callable[[], Answer], timeout_s: float, poll_s: float = POLL_S) -> Answer:
    """Ask again and again until the answer is true, or the time is over; the last answer.

    It is asked at least once, and once more when the time is over.
    """
    deadline = time.monotonic() + timeout_s
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(min(poll_s, max(0.0, deadline - time.monotonic())))
    return answer
