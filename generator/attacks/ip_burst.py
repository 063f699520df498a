"""Many stolen accounts are used from one address at once."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, spread
from generator.world import World, address, device


class IpBurst:
    """One address, a hundred and more users, one payment each, within a minute and a half."""

    hard = False
    payments = 135
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Each user on a device of its own, all behind the same address."""
        ip = address(rng)
        for after in spread(rng, rng.randint(120, 150), 90):
            user = world.target(rng)
            txn = forged(user, rng, channel="web", ip=ip, device_id=device(rng), lat=None, lon=None)
            yield Step(after, txn)
