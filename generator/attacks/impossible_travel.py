"""A copied card is used in cities that no traveller could reach in time."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged
from generator.world import PLACES, World
from risk.engine.features.geo import distance_km

FAR_KM = 2_500


class ImpossibleTravel:
    """The owner pays at home, then copies of the card on other continents, one after another."""

    hard = False
    payments = 6
    history = 1

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Card-present payments, each far from the one before, a quarter of a minute apart."""
        user = world.target(rng)
        at_home = forged(user, rng, channel="pos", lat=user.lat, lon=user.lon)
        yield Step(0, at_home, fraud=False)
        here = user.home
        for n in range(rng.randint(4, 8)):
            lat, lon = here.lat, here.lon
            away = [p for p in PLACES if distance_km(lat, lon, p.lat, p.lon) > FAR_KM]
            here = rng.choice(away)
            txn = forged(
                user,
                rng,
                channel="pos",
                country=here.country,
                lat=round(here.lat + rng.gauss(0, 0.08), 5),
                lon=round(here.lon + rng.gauss(0, 0.08), 5),
            )
            yield Step((n + 0.5 + rng.random() / 2) * 15_000, txn)
