"""A thief who takes care: a new device, but the owner's country and the owner's amounts."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, honest, usual
from generator.world import World, address, device, merchant_of

HISTORY, EVERY_S = 4, 30.0


class PatientTakeover:
    """The owner's usual payments, then three of the thief, minutes apart."""

    hard = True
    payments = 3
    history = HISTORY

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """One to three times the usual amount, for what can be sold again."""
        user, machine, ip = world.target(rng), device(rng), address(rng)
        yield from honest(user, rng, HISTORY, EVERY_S)
        for n in range(3):
            txn = forged(
                user,
                rng,
                amount=int(usual(user) * rng.uniform(1, 3)),
                merchant_id=merchant_of("5732", rng),
                merchant_category="5732",
                channel="web",
                ip=ip,
                device_id=machine,
                lat=None,
                lon=None,
            )
            yield Step((HISTORY * EVERY_S + 60 + 100 * n + 40 * rng.random()) * 1_000, txn)
