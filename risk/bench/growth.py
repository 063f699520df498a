"""How the cost of an event grows with the number of keys and with what a hot key's windows hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from multiprocessing.connection import Connection
from typing import Literal

import msgspec

from risk.bench.child import Child
from risk.bench.stages import Course, Measurement, StageCosts, uncollected
from risk.bench.stream import WARM_S, raws, stream
from risk.config.settings import Scoring
from risk.engine.payment.transaction import Rejected, decode, encode
from risk.engine.rules import Ruleset
from risk.engine.stages.base import Raw

MakeCourse = Callable[[], Course]
Measured = tuple[Ruleset, Scoring, MakeCourse, int]
Hot = Literal["user_id", "ip", "device_id"]
HOT: tuple[Hot, ...] = ("user_id", "ip", "device_id")
WINDOW_S: dict[Hot, int] = {"user_id": 300, "ip": 120, "device_id": 120}
KEY_FACTORS = (1, 10, 100)
WINDOW_FACTORS = (1, 4, 16)
PAUSE_S = 100  # an ordinary user pays once in so many seconds
# All keys are folded for the first time when their first entries leave, at about the same time:
# windows fill once more before anything is measured.
SETTLED_S = 2 * WARM_S
TURNS = 10
WARM_UP, END = -1, 0  # what a process is told instead of a number of events


class Cost(msgspec.Struct, frozen=True):
    """CPU microseconds per event, and the same over that of factor 1."""

    factor: int
    size: int
    us_per_event: float
    ratio: float


class Growth(msgspec.Struct, frozen=True):
    """`keys`: by number of users, as active as ever, so that windows are as full. `hot`: all
    events have one key; `size` is how many of them its window holds."""

    keys: list[Cost]
    hot: dict[str, list[Cost]]


def growth(
    ruleset: Ruleset,
    scoring: Scoring,
    *,
    users: int,
    population: int,
    events: int,
    batch: int,
    partitions: int,
) -> Growth:
    """Costs from `users` users, and from `population` events in a hot key's window, upwards."""

    def costs(courses: list[MakeCourse], factors: Sequence[int], size: int) -> list[Cost]:
        found = _by_turns([(ruleset, scoring, course, batch) for course in courses], events)
        base = found[0].total_us
        return [
            Cost(factor, factor * size, cost.total_us, round(cost.total_us / base, 3))
            for factor, cost in zip(factors, found, strict=True)
        ]

    def course(rate: float, hot: Hot | None) -> Course:
        # Attacks would use up a small number of users.
        users = None if hot else round(rate * PAUSE_S)
        own = 1 if hot == "user_id" else partitions
        source = raws(stream(rate, SETTLED_S + events / rate, users, "none"), own)
        return Course(heated(source, hot) if hot else source, round(SETTLED_S * rate), own)

    return Growth(
        costs(
            [partial(course, factor * users / PAUSE_S, None) for factor in KEY_FACTORS],
            KEY_FACTORS,
            users,
        ),
        {
            field: costs(
                [
                    partial(course, factor * population / WINDOW_S[field], field)
                    for factor in WINDOW_FACTORS
                ],
                WINDOW_FACTORS,
                population,
            )
            for field in HOT
        },
    )


def _by_turns(measured: Sequence[Measured], events: int) -> list[StageCosts]:
    """The costs of so many events of each, each in a process and so in memory of its own.

    They take turns, as the machine's speed varies: one works, the others wait.
    """
    children = [Child(_work, *one, fork=True) for one in measured]
    try:
        for work in (WARM_UP, *[events // TURNS] * TURNS):
            for child in children:
                child.start(work)
                child.answer()
        for child in children:
            child.start(END)
        return [child.result() for child in children]
    finally:
        for child in children:
            child.stop()


def _work(
    ruleset: Ruleset, scoring: Scoring, course: MakeCourse, batch: int, pipe: Connection
) -> None:
    """Say "ready"; do what is told, and say that it is done; in the end say the costs."""
    pipe.send("ready")
    measured = Measurement(ruleset, scoring, course(), batch)
    with uncollected():
        while (events := pipe.recv()) != END:
            if events == WARM_UP:
                measured.warm()
            else:
                measured.take(events)
            pipe.send(None)
    pipe.send(measured.costs())


def heated(source: Iterator[Raw], field: Hot) -> Iterator[Raw]:
    """The records, those that can be read all with one value in the field."""
    for raw in source:
        try:
            txn = decode(raw.value, raw.key)
        except Rejected:
            yield raw
            continue
        txn = msgspec.structs.replace(txn, **{field: "10.0.0.1"})
        partition = 0 if field == "user_id" else raw.partition
        yield Raw(partition, raw.offset, raw.append_time, txn.user_id.encode(), encode(txn))
