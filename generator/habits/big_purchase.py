"""Furniture and holidays: once in a while people pay many times what they usually do."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import usual
from generator.habits.base import HISTORY, history, remote
from generator.world import HELD_MS, World, merchant_of
from risk.engine.payment.transaction import Transaction


class BigPurchase:
    """Usual payments, a journey or a sofa of 4 to 15 times as much, and something small for it."""

    weight = 3
    every_s = 60.0
    story = HISTORY + 2

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """On the user's own device, at home; most often less than ten times the usual."""
        user = world.user(world.away(rng, HELD_MS))
        yield from history(user, world, rng)
        category = rng.choice(("4722", "5651", "5732"))
        amount = int(usual(user) * 4 * (15 / 4) ** rng.random())
        shop = merchant_of(category, rng)
        for price in (amount, amount // 20 + 1):
            yield remote(
                user,
                world,
                rng,
                amount=price,
                merchant_id=shop,
                merchant_category=category,
                device_id=user.devices[0],
            )
