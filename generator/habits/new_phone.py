"""A new phone: the user is the same, and so is what they pay."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import HISTORY, history, remote
from generator.world import HELD_MS, World, device
from risk.engine.payment.transaction import Transaction

AFTER = 2  # payments


class NewPhone:
    """Some payments on the old one, some on the new one."""

    weight = 4
    every_s = 60.0
    story = HISTORY + AFTER

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """At home, of usual amounts."""
        user, phone = world.user(world.away(rng, HELD_MS)), device(rng)
        yield from history(user, world, rng)
        for _ in range(AFTER):
            yield remote(user, world, rng, device_id=phone)
