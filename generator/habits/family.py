"""A family: everybody pays with their own account, on the one tablet at home."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import one_of, remote, somewhere
from generator.world import World, device
from risk.engine.payment.transaction import Transaction


class Family:
    """Two to four people at home."""

    weight = 3
    every_s = 90.0
    story = 0

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """5 to 12 payments of an evening."""
        tablet, place = device(rng), somewhere(rng)
        people = [world.resident(place, rng) for _ in range(rng.randint(2, 4))]
        ip = world.user(people[0]).ips[0]
        for _ in range(rng.randint(5, 12)):
            yield remote(one_of(people, world, rng), world, rng, ip=ip, device_id=tablet)
