"""A first payment to a stranger, of far more than usual: its owner is made to believe in it."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, usual
from generator.world import World, merchant_of


class PayeeFirst:
    """One payment from the owner's own device and address, in a channel that they use."""

    hard = True
    payments = 1
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Of four to nine times the usual amount: only the user's own weeks say that it is odd."""
        user = world.target(rng)
        txn = forged(
            user,
            rng,
            amount=int(usual(user) * rng.uniform(4, 9)),
            merchant_id=merchant_of("4829", rng),
            merchant_category="4829",
            channel="app",
            ip=user.ips[0],
            device_id=user.devices[0],
            lat=None,
            lon=None,
        )
        yield Step(0, txn)
