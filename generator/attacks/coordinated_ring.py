"""A ring: a dozen accounts that share a few devices and addresses, all at one merchant."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, spread
from generator.world import MERCHANTS, World, address, device, merchant


class CoordinatedRing:
    """8 to 12 users, two devices, two addresses, 110 to 140 payments within two minutes."""

    hard = False
    payments = 125
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Everyone on any of the devices, at the ring's own merchant."""
        users = [world.target(rng) for _ in range(rng.randint(8, 12))]
        machines, ips = [device(rng), device(rng)], [address(rng), address(rng)]
        shop, category = merchant(rng.randrange(MERCHANTS))
        for after in spread(rng, rng.randint(110, 140), 120):
            txn = forged(
                rng.choice(users),
                rng,
                merchant_id=shop,
                merchant_category=category,
                channel="web",
                ip=rng.choice(ips),
                device_id=rng.choice(machines),
                lat=None,
                lon=None,
            )
            yield Step(after, txn)
