"""A payment as its user makes them: at their place, on their devices, of their usual amounts."""

from __future__ import annotations

from random import Random

from generator.world import CHANNELS, MERCHANTS, User, device, merchant
from risk.engine.payment.transaction import Transaction

SPREAD = 0.5  # of the logarithm of amounts
SELDOM, STRANGE = 0.006, 0.001  # payments on any of one's devices; on somebody else's


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
        _device(user, rng),
        user.card,
        user.source,
        round(user.lat + rng.gauss(0, 0.02), 5) if here else None,
        round(user.lon + rng.gauss(0, 0.02), 5) if here else None,
    )


def _device(user: User, rng: Random) -> str:
    """The main one nearly always, now and then another of the user's, or one never seen."""
    draw = rng.random()
    if draw < SELDOM:
        return device(rng) if draw < STRANGE else rng.choice(user.devices)
    return user.devices[0]


def event_id(rng: Random) -> str:
    """A new id: 96 random bits never meet twice."""
    return f"{rng.getrandbits(96):024x}"
