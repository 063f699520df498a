"""One device pays for many accounts, through ever other addresses."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, spread
from generator.world import World, address, device


class DeviceFarm:
    """One device, 20 to 30 users in turn, 70 to 90 payments within five minutes."""

    hard = False
    payments = 80
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Each payment from another address."""
        machine = device(rng)
        users = [world.target(rng) for _ in range(rng.randint(20, 30))]
        for n, after in enumerate(spread(rng, rng.randint(70, 90), 300)):
            user = users[n % len(users)]
            txn = forged(
                user, rng, channel="app", ip=address(rng), device_id=machine, lat=None, lon=None
            )
            yield Step(after, txn)
