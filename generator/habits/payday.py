"""Payday: the wages are there, and rent, savings and bills are paid, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import usual
from generator.habits.base import remote
from generator.world import HELD_MS, World, merchant_of
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.payment.transaction import Transaction

RENT, SAVED = 12, 3  # times the usual amount, about


class Payday:
    """A bill, the rent, something saved, a bill: within a quarter of an hour."""

    weight = 5
    every_s = 200.0
    story = 4

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """Large and round ones among them, to those who get them every month."""
        user = world.user(world.away(rng, HELD_MS))
        for times in (1, RENT, SAVED, 1):
            amount = int(usual(user) * times * rng.uniform(0.6, 1.4)) + 1
            category = "4899"
            if times > 1:
                step = 10 * MAJOR_UNIT[user.home.currency]
                amount, category = max(step, amount // step * step), "4829"
            yield remote(
                user,
                world,
                rng,
                amount=amount,
                merchant_id=merchant_of(category, rng),
                merchant_category=category,
                device_id=user.devices[0],
            )
