"""An appeal for donations: within minutes many people pay one organisation, in round sums."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import remote, somewhere
from generator.world import MERCHANTS, World, address, merchant
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.payment.transaction import Transaction

SUMS = (5, 10, 10, 20, 20, 25, 50, 50, 100, 200)  # euros


class Donation:
    """One appeal: 60 to 200 people, each on their own device."""

    weight = 2
    every_s = 8.0
    story = 0

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """One payment each, of what the form proposes; one in four from the hall's own network."""
        place, hall = somewhere(rng), address(rng)
        shop, category = merchant(rng.randrange(MERCHANTS))
        unit = MAJOR_UNIT[place.currency]
        for _ in range(rng.randint(60, 200)):
            user = world.neighbour(place, rng)
            amount = max(1, round(rng.choice(SUMS) * place.scale * 100 / unit)) * unit
            yield remote(
                user,
                world,
                rng,
                amount=amount,
                merchant_id=shop,
                merchant_category=category,
                ip=hall if rng.random() < 0.25 else user.ips[0],
                device_id=user.devices[0],
            )
