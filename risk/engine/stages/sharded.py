"""The same stages as operators of their own: user, ip, a further one for each declared key, and
device with the decision.

Each works on its own shards, by its own key: the user stage by the partition that a user's events
come in, the others by the hash of their key. What a stage says travels in parcels. Corrections pass
every stage by what they know of the payment: where the decision is, they find it by its device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from risk.engine.features.declared import payments
from risk.engine.features.feature_set import BUILT_IN, FeatureSet
from risk.engine.payment.addresses import key as counted_under
from risk.engine.stages.base import Correction, Item, Raw, Store, count_scored
from risk.engine.stages.decide import Decide
from risk.engine.stages.declared import DeclaredStages
from risk.engine.stages.device import DeviceStage
from risk.engine.stages.emission import LIVE, Emission, Scorable
from risk.engine.stages.feedback import Feedback
from risk.engine.stages.gather import Gather
from risk.engine.stages.ingest import Ingest
from risk.engine.stages.ingested import Reject, TooLate
from risk.engine.stages.ip import IpStage
from risk.engine.stages.parcel import Packer, Parcel
from risk.engine.stages.reading import Idle, Reading
from risk.engine.stages.user import UserStage

Stores = Callable[[str], Store]
USER, IP, DEVICE = UserStage.names, IpStage.names, DeviceStage.names
Addressed = list[tuple[int, Parcel]]


class Route(NamedTuple):
    """By what items and corrections find their shard of a stage, and the values that items come
    with. What lacks the key passes by its user.
    """

    item: Callable[[Item], str]
    correction: Callable[[Correction], str]
    names: tuple[str, ...]


def to_ip() -> Route:
    """To the ip stage."""
    return Route(
        lambda item: counted_under(item.txn.ip) or item.txn.user_id,
        lambda correction: counted_under(correction.ip) or correction.user_id,
        USER,
    )


def to_key(features: FeatureSet, number: int) -> Route:
    """To the stage of a set's declared key; behind the last of them, to the device stage."""
    names = USER + IP
    for code in features.keys[:number]:
        names += tuple(feature.slot for feature in code.features)
    if number == len(features.keys):
        return Route(lambda item: item.txn.device_id or item.txn.user_id, _by_device, names)
    key = payments.key(features.keys[number].key)
    return Route(lambda item: key(item.txn) or item.txn.user_id, _by_device, names)


def _by_device(correction: Correction) -> str:
    return correction.device_id or correction.user_id


class UserResult(NamedTuple):
    """What came of a batch of records in the first operator."""

    parcels: Addressed
    scored: int
    rejected: list[Reject]
    late: list[TooLate]


class UserShard:
    """Ingest and the user stage: records in, parcels for the shards of the ip part out."""

    def __init__(
        self,
        store: Stores,
        shard: int,
        shards: int,
        reading: Reading,
        features: FeatureSet = BUILT_IN,
    ) -> None:
        self.ingest = Ingest(store("ingest"), reading)
        self.user = UserStage(store("user"))
        self.feedback = Feedback.of(store, features, reading)
        self._packer = Packer(shard, shards, *to_ip())

    def on_batch(self, raws: Sequence[Raw]) -> UserResult:
        """Take a batch of records, in the order in which they were read."""
        items, rejected, late = self.ingest.on_batch(raws)
        frontier = self.feedback.passes(self.ingest.frontier(), raws)
        items, corrections = self.user.on_batch(items, [], frontier)
        items = self.feedback.joined(items, frontier)
        parcels = self._packer.pack(items, corrections, frontier)
        return UserResult(parcels, count_scored(items), rejected, late)

    def on_idle(self, idle: Idle) -> UserResult:
        """Nothing comes from some partitions."""
        self.ingest.idle = idle
        return self.on_batch([])


class IpShard:
    """The ip stage: parcels in, parcels for the shards of the next part out."""

    def __init__(
        self, store: Stores, shard: int, shards: int, features: FeatureSet = BUILT_IN
    ) -> None:
        self.gather = Gather(store("gather"), shards, to_ip().names)
        self.ip = IpStage(store("ip"))
        self._packer = Packer(shard, shards, *to_key(features, 0))

    def on_batch(self, parcels: Sequence[Parcel]) -> Addressed:
        """Take in what the shards of the user part sent."""
        items, corrections, frontier = self.gather.take(parcels)
        items, corrections = self.ip.on_batch(items, corrections, frontier)
        return self._packer.pack(items, corrections, frontier)


class KeyShard:
    """The stage of a declared key: parcels in, parcels for the shards of the next part out."""

    def __init__(
        self, store: Stores, shard: int, shards: int, features: FeatureSet, number: int
    ) -> None:
        names = to_key(features, number).names
        self.gather = Gather(store("gather"), shards, names, features.first)
        self.declared = DeclaredStages(store, [features.keys[number]])
        self._packer = Packer(shard, shards, *to_key(features, number + 1))

    def on_batch(self, parcels: Sequence[Parcel]) -> Addressed:
        """Take in what the shards of the part before sent."""
        items, corrections, frontier = self.gather.take(parcels)
        items, corrections = self.declared.on_batch(items, corrections, frontier)
        return self._packer.pack(items, corrections, frontier)


class DeviceShard:
    """The device stage and the decision: parcels in, what is to be scored out."""

    def __init__(
        self,
        store: Stores,
        shards: int,
        emission: Emission = LIVE,
        features: FeatureSet = BUILT_IN,
    ) -> None:
        names = to_key(features, len(features.keys)).names
        self.gather = Gather(store("gather"), shards, names, features.first)
        self.device = DeviceStage(store("device"))
        self.decide = Decide(store("decide"), emission, features)
        self._declared = slice(len(USER + IP), len(names))

    def on_batch(self, parcels: Sequence[Parcel]) -> list[Scorable]:
        """Take in what the shards of the part before sent."""
        items, corrections, frontier = self.gather.take(parcels)
        items, corrections = self.device.on_batch(items, corrections, frontier)
        own = self._declared
        if own.start != own.stop:  # the decision has declared features behind all others
            for item in items:
                values = item.values
                item.values = values[: own.start] + values[own.stop :] + values[own]
        return self.decide.on_batch(items, corrections, frontier)
