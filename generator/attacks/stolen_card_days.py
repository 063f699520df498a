"""A stolen card pays for days, on several accounts, whose owners go on paying meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged
from generator.world import World

HOUR_MS = 3_600_000
USERS, EACH = 8, 3


class StolenCardDays:
    """One card on eight accounts, three payments of each, two hours apart: two days."""

    hard = True
    payments = USERS * EACH
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Usual amounts at usual merchants, each account on a device of its own."""
        card = world.target(rng).card
        users = [world.target(rng) for _ in range(USERS)]
        for n in range(USERS * EACH):
            txn = forged(users[n % USERS], rng, card_token=card)
            yield Step((n + (rng.random() / 2 if n else 0)) * 2 * HOUR_MS, txn)
