"""A traveller: the usual phone, in another country.

Every second one roams: what the phone sends comes out at home, at the carrier's gateway there.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.habits.base import HISTORY, abroad, history, paid
from generator.world import World, address
from risk.engine.features.geo import distance_km
from risk.engine.payment.transaction import Transaction

ABROAD = 4  # payments
AWAY_MS = 1_200_000
FLIGHT_KMH = 700.0
ROAMING = 0.5


class Traveller:
    """At home, then abroad, in the currency of the account."""

    weight = 4
    every_s = 60.0
    story = HISTORY + ABROAD

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """The position is told once a flight could have ended: where the stream is that long."""
        number = world.away(rng, AWAY_MS)
        user, left = world.user(number), world.now
        yield from history(user, world, rng)
        there = abroad(user.home, rng)
        far = distance_km(user.lat, user.lon, there.lat, there.lon)
        ip = user.ips[0] if rng.random() < ROAMING else address(rng)
        flight_ms = far / FLIGHT_KMH * 3_600_000
        for _ in range(ABROAD):
            landed = world.now - left > flight_ms
            if landed:  # and the way back takes as long
                world.hold(number, world.now + flight_ms)
            yield paid(
                user,
                world,
                rng,
                channel="pos" if rng.random() < 0.6 else "app",
                country=there.country,
                ip=ip,
                device_id=user.devices[0],
                lat=round(there.lat + rng.gauss(0, 0.05), 5) if landed else None,
                lon=round(there.lon + rng.gauss(0, 0.05), 5) if landed else None,
            )
