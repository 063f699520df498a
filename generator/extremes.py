"""Traffic that no world of people makes: ever new keys, and one user who never stops."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from random import Random

from generator.config import StreamConfig
from generator.payment import event_id
from generator.record import Event
from risk.engine.payment.transaction import Transaction


def new_keys(config: StreamConfig) -> Iterator[Event]:
    """Each payment has a user, a card, a device, an address and a merchant of its own."""
    rng = Random(f"{config.seed}:new keys")
    for number in count():
        due = int(number * 1_000 / config.rate)
        yield Event(due, _payment(config, rng, due, f"{rng.getrandbits(64):016x}"), None)


def one_user(config: StreamConfig) -> Iterator[Event]:
    """All payments are one user's, with one card, one device, one address and one merchant."""
    rng = Random(f"{config.seed}:one user")
    name = f"hot-{config.seed}"
    for number in count():
        due = int(number * 1_000 / config.rate)
        yield Event(due, _payment(config, rng, due, name), None)


def _payment(config: StreamConfig, rng: Random, due: int, name: str) -> Transaction:
    """One with nothing special about it but whose it is. All keys follow from the name."""
    bits = Random(name).getrandbits(64)
    groups = (f"{bits >> shift & 0xFFFF:x}" for shift in (48, 32, 16, 0))
    return Transaction(
        event_id=event_id(rng),
        user_id=f"user-{name}",
        event_time=config.start_time + due,
        amount=rng.randint(500, 5_000),
        currency="EUR",
        merchant_id=f"m-{name}",
        merchant_category="5411",
        channel="web",
        country="DE",
        ip=f"2001:db8:{':'.join(groups)}::1",
        device_id=f"device-{name}",
        card_token=f"tok_{name}",
        source="soak",
    )
