"""Subscriptions: a merchant collects from all its customers at once, the same from each."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import remote, somewhere
from generator.world import World, merchant_of
from risk.engine.payment.transaction import Transaction


class Subscription:
    """One merchant's run: 50 to 300 customers, each on their own device."""

    weight = 12
    every_s = 1.0
    story = 0

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """One payment each."""
        place, shop = somewhere(rng), merchant_of("4899", rng)
        amount = int(rng.choice((499, 799, 999, 1_299, 1_999)) * place.scale)
        for _ in range(rng.randint(50, 300)):
            user = world.neighbour(place, rng)
            yield remote(
                user,
                world,
                rng,
                amount=amount,
                merchant_id=shop,
                merchant_category="4899",
                ip=user.ips[0],
                device_id=user.devices[0],
            )
