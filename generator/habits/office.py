"""An office: colleagues at their own machines, behind the company's one address."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import one_of, remote, somewhere
from generator.world import World, address
from risk.engine.payment.transaction import Transaction


class Office:
    """10 to 40 colleagues, who all order lunch, and now and then something else."""

    weight = 5
    every_s = 75.0
    story = 0

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """40 to 120 payments of theirs."""
        place, ip = somewhere(rng), address(rng)
        staff = [world.resident(place, rng) for _ in range(rng.randint(10, 40))]
        for _ in range(rng.randint(40, 120)):
            yield remote(one_of(staff, world, rng), world, rng, ip=ip)
