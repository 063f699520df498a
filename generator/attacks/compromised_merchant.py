"""Somebody has broken into a merchant, and charges the cards that are on file there."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, spread, usual
from generator.world import MERCHANTS, World, merchant
from risk.engine.features.catalogue import ROUND_AMOUNT
from risk.engine.payment.currencies import MAJOR_UNIT


class CompromisedMerchant:
    """40 to 50 customers of one merchant, one payment each, within eight minutes."""

    hard = True
    payments = 45
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Round sums, from the devices and addresses that the merchant knows its customers by."""
        shop, category = merchant(rng.randrange(MERCHANTS))
        for after in spread(rng, rng.randint(40, 50), 480):
            user = world.target(rng)
            unit = ROUND_AMOUNT * MAJOR_UNIT[user.home.currency]
            txn = forged(
                user,
                rng,
                amount=unit * max(1, round(usual(user) * rng.uniform(1, 4) / unit)),
                merchant_id=shop,
                merchant_category=category,
                channel="web",
                ip=user.ips[0],
                device_id=user.devices[0],
                lat=None,
                lon=None,
            )
            yield Step(after, txn)
