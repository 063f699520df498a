"""An account is emptied in round sums, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, spread
from generator.world import World
from risk.engine.features.catalogue import ROUND_AMOUNT
from risk.engine.payment.currencies import MAJOR_UNIT


class RoundAmounts:
    """30 to 45 payments of one user within four minutes, all of them round."""

    hard = False
    payments = 37
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """From the user's own device."""
        user = world.target(rng)
        for after in spread(rng, rng.randint(30, 45), 240):
            amount = ROUND_AMOUNT * MAJOR_UNIT[user.home.currency] * rng.randint(1, 10)
            yield Step(after, forged(user, rng, amount=amount, channel="app", lat=None, lon=None))
