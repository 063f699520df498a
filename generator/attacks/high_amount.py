"""One payment far beyond what the user ever pays."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, honest, usual
from generator.world import World

HISTORY, EVERY_S = 4, 8.0


class HighAmount:
    """The user's usual payments, then one of thirty times the usual amount and more."""

    hard = False
    payments = 1
    history = HISTORY

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """On the user's own device, at home."""
        user = world.target(rng)
        yield from honest(user, rng, HISTORY, EVERY_S)
        amount = int(usual(user) * rng.uniform(30, 60))
        txn = forged(user, rng, amount=amount, channel="web", lat=None, lon=None)
        yield Step((HISTORY * EVERY_S + 5 + rng.random()) * 1_000, txn)
