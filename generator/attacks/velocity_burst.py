"""An account is used by a program: far more payments than a person makes."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from generator.attacks.base import Step, forged, spread
from generator.world import World, address


class VelocityBurst:
    """85 to 115 ordinary looking payments of one user within three and a half minutes."""

    hard = False
    payments = 100
    history = 0

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """Usual merchants and amounts, from one address."""
        user, ip = world.target(rng), address(rng)
        for after in spread(rng, rng.randint(85, 115), 210):
            yield Step(after, forged(user, rng, channel="app", ip=ip, lat=None, lon=None))
