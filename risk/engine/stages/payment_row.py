"""What is remembered of a payment for the verdicts on it: all that features of verdicts read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final

import msgspec

from risk.engine.payment.transaction import MISSING, Transaction
from risk.engine.rules.declaration import Declaration, attribute
from risk.engine.rules.names import FIELDS
from risk.engine.rules.tree import names

ALWAYS: Final = ("event_id", "user_id", "event_time", "amount", "currency")

Id = bytes  # a hash of user_id, event_id and event_time

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Any]).decode


class PaymentRow:
    """Packs payments for these features. `fields` are what each row holds besides `ALWAYS`."""

    def __init__(self, features: Sequence[Declaration]) -> None:
        self.fields = _fields(features)
        self._attributes = _attributes(features)
        self._read = attrgetter(*ALWAYS, *self.fields)

    def packed(self, txn: Transaction) -> bytes:
        """A payment's row."""
        return _pack([*self._read(txn), self._own(txn)])

    def payment(self, row: bytes) -> Transaction:
        """The payment of a row, as far as it is remembered."""
        *fields, own = _unpack(row)
        named: Mapping[str, Any] = dict(zip((*ALWAYS, *self.fields), fields, strict=True))
        return Transaction(**named, attributes=own)

    def moved(self, told: Sequence[str], row: bytes) -> bytes:
        """A row that was packed for other features, of these fields: others are missing."""
        *fields, own = _unpack(row)
        kept = dict(zip((*ALWAYS, *told), fields, strict=True))
        return _pack([*(kept.get(name, MISSING) for name in (*ALWAYS, *self.fields)), own])

    def _own(self, txn: Transaction) -> dict[str, Any] | None:
        known = txn.attributes
        if known is None or not self._attributes:
            return None
        return {name: known[name] for name in self._attributes if name in known}


def identity(event_id: str, user_id: str, event_time: int) -> Id:
    """A payment, in 16 bytes."""
    text = f"{len(user_id)}:{user_id}{event_id}\0{event_time}"
    return blake2b(text.encode(), digest_size=16).digest()


def _fields(features: Iterable[Declaration]) -> tuple[str, ...]:
    """The fields of a payment that these read, besides those that each has."""
    found: set[str] = {"device_id"}  # a correction finds the decision by it
    for one in features:
        named = {*one.key, one.of, *(names(one.where) if one.where is not None else ())}
        found |= {name for name in named if name in FIELDS or name == "card_token"}
        found |= {"ip"} if "ip_network" in named else set()
    return tuple(sorted(found - set(ALWAYS)))


def _attributes(features: Iterable[Declaration]) -> tuple[str, ...]:
    """The attributes that these read."""
    found: set[str] = set()
    for one in features:
        found |= {name for name, _ in one.attributes}
        found |= {own[0] for field in (*one.key, one.of) if (own := attribute(field))}
    return tuple(sorted(found))
