"""What producers leave out of a payment, and what else they say of it.

The same for honest payments and attacks, and drawn from numbers of its own: whatever the share is,
nothing else about a stream changes.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

import msgspec

from risk.engine.payment.transaction import Transaction

LESS: Final = 0.5  # of these payments lack something; the others say more

# What is missing together: a shop without a category is none, half a place is rejected.
MISSING: Final = (
    ("ip",),
    ("device_id",),
    ("merchant_id", "merchant_category"),
    ("card_token",),
    ("source",),
    ("country",),
    ("lat", "lon"),
    ("ip", "device_id"),
)

# Attributes that `rules/days` declares, then some that no ruleset does.
ATTRIBUTES: Final[dict[str, Callable[[Random], Any]]] = {
    "account_age_days": lambda rng: int(rng.expovariate(1 / 700)),
    "gift": lambda rng: rng.random() < 0.1,
    "loyalty_tier": lambda rng: rng.choice(("none", "silver", "gold")),
    "app_version": lambda rng: f"{rng.randint(5, 9)}.{rng.randint(0, 20)}",
    "basket": lambda rng: {"items": rng.randint(1, 12), "vouchers": []},
    "checkout_s": lambda rng: round(rng.expovariate(1 / 40), 1),
}
MOST: Final = 3  # attributes of a payment


def opened(txn: Transaction, rng: Random) -> Transaction:
    """The payment without some of its optional fields, or with up to three attributes."""
    if rng.random() < LESS:
        gone = {name: None if name in ("lat", "lon") else "" for name in rng.choice(MISSING)}
        return msgspec.structs.replace(txn, **gone)
    chosen = rng.sample(list(ATTRIBUTES), rng.randint(1, MOST))
    return msgspec.structs.replace(txn, attributes={one: ATTRIBUTES[one](rng) for one in chosen})
