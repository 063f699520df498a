"""Honest payments: users at their places, on their devices, with their usual amounts."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from random import Random

import msgspec

from generator.config import StreamConfig
from generator.record import Event
from generator.world import CHANNELS, MERCHANTS, User, World, address, device, merchant
from risk.engine.payment.transaction import Transaction

GAP_MS = 60_000  # nobody pays again sooner than that
TRIES = 12
SPREAD = 0.5  # of the logarithm of amounts
DAY_MS, HOUR_MS = 86_400_000, 3_600_000


def normal(config: StreamConfig, rate: float, world: World, rng: Random) -> Iterator[Event]:
    """Honest payments, `rate` a second, in the order in which they happen, without end."""
    due = 0.0
    last = array("d", [-GAP_MS]) * world.size
    hot = _hot(config)
    pause = 1_000 / rate
    while True:
        due += rng.expovariate(1) * pause
        world.now = due
        for _ in range(TRIES):
            number = world.active(rng)
            if number in world.held or due - last[number] < GAP_MS:
                continue
            user = world.user(number)
            hour = (config.start_time + int(due)) % DAY_MS // HOUR_MS
            if (hour - user.wakes) % 24 < 16 or rng.random() < 0.2:
                break
        else:
            number = rng.randrange(world.size)
            while number in world.held:
                number = rng.randrange(world.size)
            user = world.user(number)
        last[number] = due
        txn = payment(user, config.start_time + int(due), rng)
        if hot and rng.random() < config.hot_share:
            txn = msgspec.structs.replace(txn, ip=rng.choice(hot))
        yield Event(int(due), txn, None)


def _hot(config: StreamConfig) -> list[str]:
    """The addresses that many share, as behind a mobile carrier's gateway."""
    rng = Random(f"{config.seed}:hot")
    return [address(rng) for _ in range(config.hot_ips)]


def payment(user: User, time: int, rng: Random) -> Transaction:
    """One payment as the user makes them."""
    draw = rng.random()
    channel = CHANNELS[0 if draw < 0.45 else 1 if draw < 0.7 else 2 if draw < 0.95 else 3]
    number = rng.choice(user.merchants) if rng.random() < 0.93 else rng.randrange(MERCHANTS)
    merchant_id, category = merchant(number)
    amount = int(rng.lognormvariate(user.mu, SPREAD)) + 1
    if channel == "atm":
        amount = max(round(amount, -3), 1_000)
        category = "6011"
    here = channel in ("pos", "atm") or rng.random() < 0.3
    return Transaction(
        event_id(rng),
        user.user_id,
        time,
        amount,
        user.home.currency,
        merchant_id,
        category,
        channel,
        user.home.country,
        user.ips[rng.random() < 0.3],
        device(rng) if rng.random() < 0.002 else rng.choice(user.devices),
        user.card,
        user.source,
        round(user.lat + rng.gauss(0, 0.02), 5) if here else None,
        round(user.lon + rng.gauss(0, 0.02), 5) if here else None,
    )


def event_id(rng: Random) -> str:
    """A new id: 96 random bits never meet twice."""
    return f"{rng.getrandbits(96):024x}"
