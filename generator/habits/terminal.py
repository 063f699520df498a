"""A busy shop: hundreds of people pay at one terminal, which has one device and one address."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import paid, somewhere
from generator.world import World, address, device, merchant_of
from risk.engine.payment.transaction import Transaction


class Terminal:
    """A supermarket's till in its busy hours: 200 to 600 customers."""

    weight = 3
    every_s = 10.0
    story = 0

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """Card-present payments of people who live nearby."""
        place, till, ip = somewhere(rng), device(rng), address(rng)
        shop = merchant_of("5411", rng)
        lat = round(place.lat + rng.gauss(0, 0.05), 5)
        lon = round(place.lon + rng.gauss(0, 0.05), 5)
        for _ in range(rng.randint(200, 600)):
            yield paid(
                world.neighbour(place, rng),
                world,
                rng,
                merchant_id=shop,
                merchant_category="5411",
                channel="pos",
                ip=ip,
                device_id=till,
                lat=lat,
                lon=lon,
            )
