"""What is sent: the kinds of traffic, and the records of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

import msgspec

from generator.config import StreamConfig
from generator.extremes import new_keys, one_user
from generator.record import Event, Record
from generator.stream import records as stream
from risk.verify.chaos.traffic import DISORDER

Kind = Literal["steady", "overload", "new-keys", "one-user"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
MINUTES: Final[Mapping[Kind, float]] = MappingProxyType(
    {"steady": 60.0, "overload": 2.0, "new-keys": 10.0}
)
STEADY_RATE: Final = 50.0
# What stages hold grows for as long as they keep it, which of the default ruleset's features is
# longest for a device's sessions: 47 min. So much of the past is sent at once before a long run.
HISTORY_S: Final = 3_000.0
NEW_KEYS_RATE: Final = 200.0
PAYMENTS: Final = 1_000_000  # of the one user
# Of event time: what is sent as fast as it goes has to have some.
FAST_RATE: Final = 10_000.0
TIMES: Final = 5  # so many times what the engine sustains is too much
ORDER: Final[Mapping[str, Any]] = MappingProxyType(
    dict.fromkeys((*DISORDER, "open_share", "habit_share", "attack_share"), 0.0)
)
# A payment that lacks its device would have no new one.
_SHARES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {"new-keys": {**DISORDER, "open_share": 0.0}, "one-user": ORDER}
)
_HAPPENED: Final[Mapping[str, Callable[[StreamConfig], Iterator[Event]]]] = MappingProxyType(
    {"new-keys": new_keys, "one-user": one_user}
)


class Load(msgspec.Struct, frozen=True):
    """So many `payments`, at `rate` events/s of event time.

    Paced, they are sent when they are due, but for the first `history_s` of event time, which are
    the past; else as fast as the broker takes them.
    """

    kind: Kind
    seed: int
    rate: float
    payments: int
    paced: bool = True
    history_s: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it is in event time."""
        return self.payments / self.rate

    @property
    def paced_s(self) -> float:
        """How long it takes, if it is paced."""
        return self.seconds - self.history_s


def config(load: Load, start_ms: int, partitions: int) -> StreamConfig:
    """The generator's. One user's payments are in order, those of all others are not.

    A straggler of a user with so many would be corrected with all that came after it, which is
    another question than whether they find room.
    """
    return StreamConfig(
        start_time=start_ms,
        seed=load.seed,
        rate=load.rate,
        duration_s=max(load.seconds, 0.001),
        partitions=partitions,
        **_SHARES.get(load.kind, DISORDER),
    )


def records(load: Load, start_ms: int, partitions: int) -> Iterator[Record]:
    """The payments in the order in which they are sent. The same load gives the same bytes."""
    made = config(load, start_ms, partitions)
    happened = _HAPPENED.get(load.kind)
    return stream(made, happened(made) if happened else None)
