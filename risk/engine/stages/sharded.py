"""The same stages as three operators: user, ip, and device with the decision.

Each works on its own shards, by its own key: the user stage by the partition that a user's events
come in, the others by the hash of the ip and of the device. What a stage says travels in parcels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from risk.engine.payment.addresses import key as counted_under
from risk.engine.stages.base import Raw, Store
from risk.engine.stages.decide import LIVE, Decide, Emission, Scorable
from risk.engine.stages.device import DeviceStage
from risk.engine.stages.gather import Gather
from risk.engine.stages.ingest import Ingest, Reject, TooLate, count_scored
from risk.engine.stages.ip import IpStage
from risk.engine.stages.parcel import Packer, Parcel
from risk.engine.stages.reading import Idle, Reading
from risk.engine.stages.user import UserStage

Stores = Callable[[str], Store]
USER, IP = UserStage.names, IpStage.names
Addressed = list[tuple[int, Parcel]]


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
    ) -> None:
        self.ingest = Ingest(store("ingest"), reading)
        self.user = UserStage(store("user"))
        # What has no address, or no device, passes by its user.
        self._packer = Packer(
            shard,
            shards,
            lambda i: counted_under(i.txn.ip) or i.txn.user_id,
            lambda f: counted_under(f.ip) or f.user_id,
            USER,
        )

    def on_batch(self, raws: Sequence[Raw]) -> UserResult:
        """Take a batch of records, in the order in which they were read."""
        items, rejected, late = self.ingest.on_batch(raws)
        frontier = self.ingest.frontier()
        items, corrections = self.user.on_batch(items, [], frontier)
        parcels = self._packer.pack(items, corrections, frontier)
        return UserResult(parcels, count_scored(items), rejected, late)

    def on_idle(self, idle: Idle) -> UserResult:
        """Nothing comes from some partitions."""
        self.ingest.idle = idle
        return self.on_batch([])


class IpShard:
    """The ip stage: parcels in, parcels for the shards of the device part out."""

    def __init__(self, store: Stores, shard: int, shards: int) -> None:
        self.gather = Gather(store("gather"), shards, USER)
        self.ip = IpStage(store("ip"))
        self._packer = Packer(
            shard,
            shards,
            lambda i: i.txn.device_id or i.txn.user_id,
            lambda f: f.device_id or f.user_id,
            USER + IP,
        )

    def on_batch(self, parcels: Sequence[Parcel]) -> Addressed:
        """Take in what the shards of the user part sent."""
        items, corrections, frontier = self.gather.take(parcels)
        items, corrections = self.ip.on_batch(items, corrections, frontier)
        return self._packer.pack(items, corrections, frontier)


class DeviceShard:
    """The device stage and the decision: parcels in, scorable payments out."""

    def __init__(self, store: Stores, shards: int, emission: Emission = LIVE) -> None:
        self.gather = Gather(store("gather"), shards, USER + IP)
        self.device = DeviceStage(store("device"))
        self.decide = Decide(store("decide"), emission)

    def on_batch(self, parcels: Sequence[Parcel]) -> list[Scorable]:
        """Take in what the shards of the ip part sent."""
        items, corrections, frontier = self.gather.take(parcels)
        items, corrections = self.device.on_batch(items, corrections, frontier)
        return self.decide.on_batch(items, corrections, frontier)
