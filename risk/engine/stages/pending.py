"""An event that was emitted, or is going to be, and may still change."""

from __future__ import annotations

from typing import Any

import msgspec

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.feature_set import FeatureSet
from risk.engine.payment.transaction import Transaction
from risk.engine.stages.emission import Scorable

pack_row = msgspec.msgpack.Encoder().encode
_unpack_row = msgspec.msgpack.Decoder(tuple[list[Any], list[FeatureValue]]).decode


class Pending(msgspec.Struct, gc=False):
    """What was last emitted of an event that may still change, and what is now known of it.

    It is kept until the frontier has passed `until`, in ms. Unless `emitted`, nothing was yet.
    Few change, so it stays packed: as one object instead of some twenty, all of which would be in
    no cache any more when they are freed.
    """

    row: bytes  # msgpack of the transaction's fields and of the values that it came with
    until: int
    label: str
    emitted: bool
    of: FeatureSet
    revision: int = 0
    changed: dict[str, FeatureValue] | None = None
    known: dict[str, FeatureValue] | None = None
    differs: frozenset[str] = frozenset()  # the slots of what a correction changes

    @property
    def features(self) -> dict[str, FeatureValue]:
        """What was last emitted, or would have been."""
        if self.changed is not None:
            return self.changed
        _, values = _unpack_row(self.row)
        return dict(zip(self.of.names, values, strict=True))

    def scorable(self) -> Scorable:
        """What is to be emitted."""
        fields, values = _unpack_row(self.row)
        make = self.of.make
        features = make(*values) if self.changed is None else make(**self.changed)
        txn = Transaction(*fields)
        return Scorable(txn, features, self.revision, self.label, False, self.differs)
