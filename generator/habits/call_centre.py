"""A call centre: an agent takes the payments of all who ring up, at one desk."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import remote, somewhere
from generator.world import MERCHANTS, World, address, device, merchant
from risk.engine.payment.transaction import Transaction


class CallCentre:
    """One agent's shift: one device, one address, one merchant, 40 to 150 customers."""

    weight = 1
    every_s = 75.0
    story = 0

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """One payment each."""
        place, desk, ip = somewhere(rng), device(rng), address(rng)
        shop, category = merchant(rng.randrange(MERCHANTS))
        for _ in range(rng.randint(40, 150)):
            yield remote(
                world.neighbour(place, rng),
                world,
                rng,
                merchant_id=shop,
                merchant_category=category,
                ip=ip,
                device_id=desk,
            )
