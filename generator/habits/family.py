"""A family: everybody pays with their own account, on the one tablet at home.

In every second one all accounts have the parents' card.
"""

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
        parent, shared = world.user(people[0]), rng.random() < 0.5
        for _ in range(rng.randint(5, 12)):
            user = one_of(people, world, rng)
            yield remote(
                user,
                world,
                rng,
                ip=parent.ips[0],
                device_id=tablet,
                card_token=parent.card if shared else user.card,
            )
