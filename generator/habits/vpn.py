"""A VPN: people at home, at their own machines, who seem to be in another country."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import abroad, one_of, remote, somewhere
from generator.world import World, address
from risk.engine.payment.transaction import Transaction


class Vpn:
    """One way out, shared by whoever has chosen it."""

    weight = 2
    every_s = 60.0
    story = 0

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """50 to 150 payments of 8 to 20 people."""
        place, ip = somewhere(rng), address(rng)
        country = abroad(place, rng).country
        people = [world.resident(place, rng) for _ in range(rng.randint(8, 20))]
        for _ in range(rng.randint(50, 150)):
            yield remote(one_of(people, world, rng), world, rng, ip=ip, country=country)
