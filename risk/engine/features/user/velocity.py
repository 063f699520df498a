"""How much a user does in 5 minutes: user_count_5m … user_round_5m."""

from __future__ import annotations

from collections.abc import Iterator

from risk.engine.features.catalogue import MICRO_AMOUNT, MOST, ROUND_AMOUNT
from risk.engine.features.entry import Entry
from risk.engine.payment.currencies import MAJOR_UNIT


class Velocity:
    """Counts and exact sums over the window's entries, sums per currency."""

    __slots__ = ("amounts", "count", "merchants", "micro", "round")

    def __init__(self) -> None:
        self.count = self.micro = self.round = 0
        self.amounts: dict[str, int] = {}
        self.merchants: dict[str, int] = {}

    def add(self, entry: Entry) -> None:
        """Count an entry in."""
        amount, currency, merchant = entry.amount, entry.currency, entry.merchant_id
        unit = MAJOR_UNIT[currency]
        self.count += 1
        self.amounts[currency] = self.amounts.get(currency, 0) + amount
        if merchant:
            self.merchants[merchant] = self.merchants.get(merchant, 0) + 1
        if amount <= MICRO_AMOUNT * unit:
            self.micro += 1
        if amount and not amount % (ROUND_AMOUNT * unit):
            self.round += 1

    def drop(self, entry: Entry) -> None:
        """Take an entry out."""
        amount, currency, merchant = entry.amount, entry.currency, entry.merchant_id
        unit = MAJOR_UNIT[currency]
        self.count -= 1
        self.amounts[currency] -= amount
        if merchant:
            left = self.merchants[merchant] - 1
            if left:
                self.merchants[merchant] = left
            else:
                del self.merchants[merchant]
        if amount <= MICRO_AMOUNT * unit:
            self.micro -= 1
        if amount and not amount % (ROUND_AMOUNT * unit):
            self.round -= 1

    def read(self, entry: Entry) -> tuple[int, int, int, int, int]:
        """user_count_5m, user_amount_5m, user_merchants_5m, user_micro_5m, user_round_5m."""
        spent = self.amounts[entry.currency]
        if spent > MOST:
            spent = MOST
        return self.count, spent, len(self.merchants), self.micro, self.round

    @staticmethod
    def of(newest_first: Iterator[Entry], far: int) -> tuple[int, int, int, int, int]:
        """The same of the first of these entries. Those up to the time `far` are too old."""
        own = before = None
        count = spent = micro = whole = 0
        merchants = set()
        for entry in newest_first:
            if entry.time <= far:
                break
            amount, currency = entry.amount, entry.currency
            if currency != before:  # few users pay in more than one
                own, before = own or currency, currency
                unit = MAJOR_UNIT[currency]
                most_micro, least_round = MICRO_AMOUNT * unit, ROUND_AMOUNT * unit
            if currency == own:
                spent += amount
            if amount <= most_micro:
                micro += 1
            if amount and not amount % least_round:
                whole += 1
            merchants.add(entry.merchant_id)
            count += 1
        if spent > MOST:
            spent = MOST
        merchants.discard("")  # of those that say none
        return count, spent, len(merchants), micro, whole
