"""A dishonest shop keeps the cards that it has seen, and charges them again, for more."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, honest, usual
from generator.world import World, merchant

HISTORY, EVERY_S = 2, 8.0  # with the shop's: fewer within minutes than a rule asks for
SHOPS, APART = 12, 397  # so many of all merchants, that far from one another


class OverchargingShop:
    """The user's usual payments, then one at the shop, and three or four that the shop adds.

    Whatever is known of the user stays as it is: device, address, country. The amounts are twice to
    three and a half times the usual, as anybody's are now and then, and each follows within seconds
    of the one before, at the same shop.
    """

    hard = True
    payments = 4
    history = HISTORY + 1

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """The honest payment at the shop is one of the history."""
        user = world.target(rng)
        shop, category = merchant(APART * rng.randrange(SHOPS))
        yield from honest(user, rng, HISTORY, EVERY_S)
        begin = HISTORY * EVERY_S
        for n in range(1 + rng.randint(3, 4)):
            changes = {"amount": int(usual(user) * rng.uniform(2, 3.5))} if n else {}
            txn = forged(
                user,
                rng,
                merchant_id=shop,
                merchant_category=category,
                channel="web",
                ip=user.ips[0],
                device_id=user.devices[0],
                lat=None,
                lon=None,
                **changes,
            )
            yield Step((begin + 4 * n + 2 * rng.random()) * 1_000, txn, fraud=n > 0)
