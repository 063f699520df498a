"""Stolen card data is used as a person would: now and then, for amounts that nobody notices."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged
from generator.world import World, address, device, merchant_of


class LowAndSlow:
    """Six payments of usual amounts from one strange machine, two to four minutes apart."""

    hard = True
    payments = 6
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """In the owner's country, online, at ever other merchants of one kind."""
        user, machine, ip = world.target(rng), device(rng), address(rng)
        for n in range(6):
            txn = forged(
                user,
                rng,
                merchant_id=merchant_of("4829", rng),
                merchant_category="4829",
                channel="web",
                ip=ip,
                device_id=machine,
                lat=None,
                lon=None,
            )
            yield Step((n + rng.random() * 0.5) * 150_000, txn)
