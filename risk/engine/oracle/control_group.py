"""Which blocked payments are released, by the definition alone.

It shares no code with the engine's own: a hash, a table of amounts and the features' limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b, sha256

from risk.engine.control_group import Release
from risk.engine.features.catalogue import FeatureValue
from risk.engine.messages import ControlGroup
from risk.engine.payment.transaction import Transaction

THOUSANDTHS = 1_000


def word(
    release: Release, features: Mapping[str, FeatureValue], txn: Transaction, late: bool
) -> ControlGroup:
    """What becomes of a payment that is to be blocked."""
    within = txn.currency in release.amounts and txn.amount <= release.amounts[txn.currency]
    for name, most in release.daily.items():
        within = within and features[name] <= most
    if late or not within:
        return ControlGroup(released=False, propensity=0)
    return ControlGroup(drawn(release, txn), release.share)


def drawn(release: Release, txn: Transaction) -> bool:
    """Whether a payment is in the share: by the first 60 bits of a hash of salt and payment."""
    named = b""
    for one in (txn.user_id.encode(), txn.event_id.encode()):
        named += str(len(one)).encode() + b":" + one
    named += str(txn.event_time).encode()
    payment = blake2b(named, digest_size=16).hexdigest().encode()
    digest = sha256(release.salt.encode() + b":" + payment).digest()
    return (int.from_bytes(digest, "big") >> 256 - 60) % THOUSANDTHS < release.share
