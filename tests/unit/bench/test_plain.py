"""The features the usual way, which baseline and peers share, against the oracle."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice

from generator.config import StreamConfig
from generator.stream import events
from risk.bench.plain import State, device_features, ip_features, user_features
from risk.engine.features.catalogue import NAMES
from risk.engine.oracle.features import features

STREAM = StreamConfig(start_time=1_735_732_800_000, rate=100, duration_s=80, users=3_000)


def test_a_stream_in_order_has_the_features_of_the_definitions() -> None:
    found = [event.txn for event in islice(events(STREAM), STREAM.events)]
    found.sort(key=lambda txn: (txn.event_time, txn.event_id))
    users: defaultdict[str, State] = defaultdict(dict)
    ips: defaultdict[str, State] = defaultdict(dict)
    devices: defaultdict[str, State] = defaultdict(dict)
    wanted = {txn.event_id: wanted for txn, wanted in features(found)}
    for txn in found:
        own = user_features(users[txn.user_id], txn)
        assert own is not None
        own |= ip_features(ips[txn.ip], txn) | device_features(devices[txn.device_id], txn)
        assert {name: own[name] for name in NAMES} == wanted[txn.event_id]


def test_a_duplicate_is_dropped() -> None:
    txn = next(events(STREAM)).txn
    state: State = {}
    assert user_features(state, txn) is not None
    assert user_features(state, txn) is None
