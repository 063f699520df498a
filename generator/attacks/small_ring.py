"""A few accounts of one person, no more than a family has, that never pay at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged
from generator.world import MERCHANTS, World, address, device, merchant


class SmallRing:
    """Three or four users on one device behind one address, in turn, at the ring's merchant."""

    hard = True
    payments = 12
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """12 payments of usual amounts, about one a minute."""
        users = [world.target(rng) for _ in range(rng.randint(3, 4))]
        machine, ip = device(rng), address(rng)
        shop, category = merchant(rng.randrange(MERCHANTS))
        for n in range(12):
            txn = forged(
                users[n % len(users)],
                rng,
                merchant_id=shop,
                merchant_category=category,
                channel="app",
                ip=ip,
                device_id=machine,
                lat=None,
                lon=None,
            )
            yield Step((n + rng.random() * 0.8) * 60_000, txn)
