"""A producer whose clock is set back an hour: for a while its payments have times of then."""

from __future__ import annotations

from typing import Final

from risk.kafka.scan import offsets
from risk.verify.chaos.plan import Action
from risk.verify.chaos.testbed import Span, Testbed

HOUR_MS: Final = 3_600_000


def clock_back(testbed: Testbed, action: Action) -> Span:
    """It goes right again after so long; by then most of what it sent has come out as late."""
    traffic = testbed.traffic

    def late() -> int:
        return sum(
            high for _, high in offsets(testbed.settings, testbed.settings.topics.late).values()
        )

    before, sent = late(), traffic.acknowledged()
    span = testbed.for_a_while(
        lambda: traffic.clock.set_back(HOUR_MS), lambda: traffic.clock.set_back(0), action.seconds
    )
    least = (traffic.acknowledged() - sent) // 2
    testbed.wait(lambda: late() - before >= max(1, least), f"{least} of an hour ago are late")
    return span
