"""Stolen cards are tried out one by one: many cards, one tiny payment of each, no two alike."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, spread
from generator.world import MERCHANTS, World, address, device, merchant
from risk.engine.payment.currencies import MAJOR_UNIT


class SpreadTesting:
    """25 to 35 users within ten minutes, all at one merchant, from ever other machines."""

    hard = True
    payments = 30
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Micro amounts, online."""
        shop, category = merchant(rng.randrange(MERCHANTS))
        for after in spread(rng, rng.randint(25, 35), 600):
            user = world.target(rng)
            txn = forged(
                user,
                rng,
                amount=rng.randint(10, 200) * MAJOR_UNIT[user.home.currency] // 100,
                merchant_id=shop,
                merchant_category=category,
                channel="web",
                ip=address(rng),
                device_id=device(rng),
                lat=None,
                lon=None,
            )
            yield Step(after, txn)
