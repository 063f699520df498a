"""Honest payments: users at their places, at the hours and as often as people pay."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from random import Random

import msgspec

from generator.config import StreamConfig
from generator.everyday import Everyday
from generator.payment import payment
from generator.record import Event
from generator.world import World, address
from risk.config.types import DAY_MS
from risk.engine.payment.transaction import Transaction

GAP_MS = 60_000  # nobody pays again sooner than that
TRIES = 12
HOUR_MS = 3_600_000


def normal(
    config: StreamConfig, rate: float, world: World, everyday: Everyday, rng: Random
) -> Iterator[Event]:
    """Honest payments, `rate` a second, in the order in which they happen, without end."""
    due = 0.0
    last = array("d", [-GAP_MS]) * world.size
    hot = _hot(config)
    pause = 1_000 / rate
    while True:
        due += rng.expovariate(1) * pause
        world.now, world.time = due, config.start_time + int(due)
        if everyday.due():
            habit, txn = everyday.payment()
            yield Event(int(due), _shared(txn, config, hot, rng), None, habit)
            continue
        for _ in range(TRIES):
            number = world.active(rng)
            if number in world.held or due - last[number] < GAP_MS:
                continue
            user = world.user(number)
            hour = world.time % DAY_MS // HOUR_MS
            if (hour - user.wakes) % 24 < 16 or rng.random() < 0.2:
                break
        else:
            number = rng.randrange(world.size)
            while number in world.held:
                number = rng.randrange(world.size)
            user = world.user(number)
        last[number] = due
        world.seen(number, user.home)
        txn = payment(user, world.time, rng)
        yield Event(int(due), _shared(txn, config, hot, rng), None)


def _shared(txn: Transaction, config: StreamConfig, hot: list[str], rng: Random) -> Transaction:
    if hot and rng.random() < config.hot_share:
        return msgspec.structs.replace(txn, ip=rng.choice(hot))
    return txn


def _hot(config: StreamConfig) -> list[str]:
    """The addresses that many share, as behind a mobile carrier's gateway."""
    rng = Random(f"{config.seed}:hot")
    return [address(rng) for _ in range(config.hot_ips)]
