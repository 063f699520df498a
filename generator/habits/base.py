"""What habits are made of: payments that are honest, and look like something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Protocol

import msgspec

from generator.payment import payment
from generator.world import PLACES, Place, User, World
from risk.engine.payment.transaction import Transaction

HISTORY = 3  # payments, from which on a user's past says something


class Habit(Protocol):
    """One thing that honest people do.

    `weight` says how many payments there are of it, compared with the others: with the default
    share of them all it is per mille of the honest payments. Within an episode a payment comes
    `every_s` seconds on average. A `story` is one with a beginning and an end, of so many payments
    of one user; 0 if the episode could go on for ever.
    """

    weight: int
    every_s: float
    story: int

    def episode(self, world: World, rng: Random) -> Iterator[Transaction]:
        """At least one payment, each made when it is asked for, at `world.time`."""
        ...


def paid(user: User, world: World, rng: Random, **changes: Any) -> Transaction:
    """A payment of the user at this moment, with what is different about it."""
    return msgspec.structs.replace(payment(user, world.time, rng), **changes)


def remote(user: User, world: World, rng: Random, **changes: Any) -> Transaction:
    """The same over the network, from a place that isn't told."""
    return paid(user, world, rng, channel="web", lat=None, lon=None, **changes)


def history(user: User, world: World, rng: Random) -> Iterator[Transaction]:
    """What the user paid before, so that there is something to differ from."""
    for _ in range(HISTORY):
        yield remote(user, world, rng, device_id=user.devices[0])


def one_of(people: Sequence[int], world: World, rng: Random) -> User:
    """One of these users; those under attack pay nothing else, unless all of them are."""
    free = [number for number in people if number not in world.held]
    return world.user(rng.choice(free or people))


def somewhere(rng: Random) -> Place:
    """A city."""
    return rng.choice(PLACES)


def abroad(home: Place, rng: Random) -> Place:
    """A city in another country."""
    return rng.choice([place for place in PLACES if place.country != home.country])
