"""The events of one key, sorted, to cut slices from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from operator import attrgetter

from risk.engine.features.catalogue import MICRO_AMOUNT, ROUND_AMOUNT
from risk.engine.payment.currencies import DEFAULT_EXPONENT, EXPONENTS
from risk.engine.payment.transaction import Transaction

order = attrgetter("event_time", "event_id", "user_id")


class Track:
    """A key's events in the order (event_time, event_id, user_id), whole and by column."""

    def __init__(self, events: Iterable[Transaction]) -> None:
        self.events = sorted(events, key=order)
        self.orders: list[tuple[int, str, str]] = [order(event) for event in self.events]
        self.times = [event.event_time for event in self.events]

    @cached_property
    def amounts(self) -> list[int]:
        """Minor units."""
        return [event.amount for event in self.events]

    @cached_property
    def micro(self) -> list[bool]:
        """Whether each amount is so small that it may be a probe."""
        return [amount <= MICRO_AMOUNT for amount in self._major]

    @cached_property
    def round(self) -> list[bool]:
        """Whether each amount is a round one."""
        return [amount > 0 and amount % ROUND_AMOUNT == 0 for amount in self._major]

    @cached_property
    def _major(self) -> list[Fraction]:
        """Amounts in major units, exactly."""
        return [
            Fraction(e.amount, 10 ** EXPONENTS.get(e.currency, DEFAULT_EXPONENT))
            for e in self.events
        ]

    @cached_property
    def users(self) -> list[str]:
        """The events' user_id."""
        return [event.user_id for event in self.events]

    @cached_property
    def merchants(self) -> list[str]:
        """The events' merchant_id; empty where they have none, as the next two."""
        return [event.merchant_id for event in self.events]

    @cached_property
    def devices(self) -> list[str]:
        """The events' device_id."""
        return [event.device_id for event in self.events]

    @cached_property
    def countries(self) -> list[str]:
        """The events' country."""
        return [event.country for event in self.events]

    def before(self, event: Transaction) -> int:
        """How many events stand before this one in the order."""
        return bisect_left(self.orders, order(event))

    def upto(self, event: Transaction) -> int:
        """How many events stand up to this one in the order, it included."""
        return bisect_right(self.orders, order(event))

    def window(self, event: Transaction, length_ms: int) -> slice:
        """The look-back window at an event, it included."""
        return slice(bisect_right(self.times, event.event_time - length_ms), self.upto(event))

    def run_start(self, at: int, gap_ms: int) -> int:
        """Where the run of events with gaps of at most `gap_ms` began that `at` belongs to."""
        starts = self._starts(gap_ms)
        return starts[bisect_right(starts, at) - 1]

    def _starts(self, gap_ms: int) -> list[int]:
        if gap_ms not in self._runs:
            self._runs[gap_ms] = [
                i
                for i, time in enumerate(self.times)
                if i == 0 or time - self.times[i - 1] > gap_ms
            ]
        return self._runs[gap_ms]

    @cached_property
    def _runs(self) -> dict[int, list[int]]:
        return {}
