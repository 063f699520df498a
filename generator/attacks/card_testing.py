"""Stolen card data is tried out: tiny payments, each at another online merchant."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, spread
from generator.world import MERCHANTS, World, address, device, merchant
from risk.engine.payment.currencies import MAJOR_UNIT


class CardTesting:
    """One card, one machine, 30 to 45 tries within two and a half minutes."""

    hard = False
    payments = 37
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Micro amounts, online, at ever other merchants."""
        user, machine, ip = world.target(rng), device(rng), address(rng)
        for after in spread(rng, rng.randint(30, 45), 150):
            shop, category = merchant(rng.randrange(MERCHANTS))
            txn = forged(
                user,
                rng,
                amount=rng.randint(10, 200) * MAJOR_UNIT[user.home.currency] // 100,
                merchant_id=shop,
                merchant_category=category,
                channel="web",
                ip=ip,
                device_id=machine,
                lat=None,
                lon=None,
            )
            yield Step(after, txn)
