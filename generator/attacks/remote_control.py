"""The owner is talked into paying, or their own phone is steered: nothing about it is strange."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, honest, usual
from generator.world import World, merchant_of

HISTORY, EVERY_S = 4, 30.0


class RemoteControl:
    """The user's usual payments, then two transfers from the user's own device and address."""

    hard = True
    payments = 2
    history = HISTORY

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Of three to seven times the usual amount each."""
        user = world.target(rng)
        yield from honest(user, rng, HISTORY, EVERY_S)
        for n in range(2):
            txn = forged(
                user,
                rng,
                amount=int(usual(user) * rng.uniform(3, 7)),
                merchant_id=merchant_of("4829", rng),
                merchant_category="4829",
                channel="app",
                ip=user.ips[0],
                device_id=user.devices[0],
                lat=None,
                lon=None,
            )
            yield Step((HISTORY * EVERY_S + 60 + 60 * n + 30 * rng.random()) * 1_000, txn)
