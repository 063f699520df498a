"""What attacks are made of. Nothing that is sent tells an attack from honest traffic by itself:
ids, addresses, devices and merchants are drawn as those of honest users are."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple, Protocol

import msgspec

from generator.payment import payment
from generator.world import User, World
from risk.engine.payment.transaction import Transaction


class Step(NamedTuple):
    """One payment of an episode, `after_ms` its start. `txn`'s time is set when it happens."""

    after_ms: float
    txn: Transaction
    fraud: bool = True


class Attack(Protocol):
    """One kind of attack. A `hard` one hides in what honest people do: reports tell them apart."""

    hard: bool
    payments: int  # fraudulent ones, in an episode, about
    history: int  # honest ones before them

    def episode(self, world: World, rng: Random) -> Iterator[Step]:
        """One episode, in the order of time."""
        ...


def spread(rng: Random, count: int, over_s: float) -> list[float]:
    """`count` instants over so many seconds, in ms and in order."""
    return sorted(rng.random() * over_s * 1_000 for _ in range(count))


def honest(user: User, rng: Random, count: int, every_s: float) -> list[Step]:
    """What the user paid before: so that there is something to differ from."""
    return [
        Step((n + rng.random() / 2) * every_s * 1_000, payment(user, 0, rng), fraud=False)
        for n in range(count)
    ]


def forged(user: User, rng: Random, **changes: Any) -> Transaction:
    """A payment in the user's name, with what the fraudster does otherwise."""
    return msgspec.structs.replace(payment(user, 0, rng), **changes)


def usual(user: User) -> float:
    """The user's typical amount, minor units."""
    return float(2.718281828459045**user.mu)
