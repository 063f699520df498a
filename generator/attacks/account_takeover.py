"""A stranger logs in from abroad, on devices never seen, and pays more than the owner does."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, honest, usual
from generator.world import PLACES, World, address, device

HISTORY, EVERY_S = 4, 7.0


class AccountTakeover:
    """The owner's usual payments, then up to three of the thief, each on another device."""

    hard = False
    payments = 2
    history = HISTORY

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """From another country, in the owner's currency, amounts rising."""
        user = world.target(rng)
        yield from honest(user, rng, HISTORY, EVERY_S)
        abroad = rng.choice([p for p in PLACES if p.country != user.home.country])
        ip, amount = address(rng), 8 * usual(user)
        for n in range(rng.randint(1, 3)):
            txn = forged(
                user,
                rng,
                channel="web",
                amount=int(amount * rng.uniform(1, 1.2)),
                country=abroad.country,
                ip=ip,
                device_id=device(rng),
                lat=None,
                lon=None,
            )
            yield Step((HISTORY * EVERY_S + 5 + 9 * n + rng.random()) * 1_000, txn)
            amount *= 3
