"""A late payment has a decision in risk.scores, and is not one that was scored."""

from __future__ import annotations

from msgspec.json import encode
from msgspec.structs import replace

from risk.bench.observe import first_word
from risk.ops.warm_up import scored
from tests.unit.bench.test_accuracy import SCORED, TOO_LATE

FIRST, SECOND, *_ = SCORED
WORDS = [FIRST, SECOND, replace(FIRST, revision=1), TOO_LATE]


def test_a_warm_up_counts_payments_that_were_scored() -> None:
    assert scored([*map(encode, WORDS), None]) == 2
    assert scored([encode(TOO_LATE)]) == 0
    assert scored([]) == 0


def test_latency_waits_for_the_events_that_are_to_be_scored() -> None:
    wanted = {FIRST.event_id, SECOND.event_id}
    found = [first_word(encode(word), wanted) for word in WORDS]
    assert found == [FIRST.event_id, SECOND.event_id, None, None]
