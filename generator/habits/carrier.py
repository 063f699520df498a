"""A mobile carrier's gateway: all its customers of a town come from one address."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import remote, somewhere
from generator.world import World, address
from risk.engine.payment.transaction import Transaction


class Carrier:
    """200 to 500 payments, each of anybody nearby, on their own phone."""

    weight = 6
    every_s = 60.0
    story = 0

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """Until the carrier moves its customers to another address."""
        place, ip = somewhere(rng), address(rng)
        for _ in range(rng.randint(200, 500)):
            yield remote(world.neighbour(place, rng), world, rng, ip=ip)
