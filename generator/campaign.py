"""One kind of attack over the length of a stream: episodes that begin at random."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

import msgspec

from generator.attacks.base import Attack
from generator.config import StreamConfig
from generator.record import Event
from generator.world import World


def campaign(
    name: str, attack: Attack, config: StreamConfig, attacks: int, world: World, rng: Random
) -> Iterator[Event]:
    """The attack's payments in the order of time.

    Episodes come as often as its part of `attack_share` asks for, the first of them early, so that
    even a short stream has one, and in a long one no later than they come on average. None takes
    longer than half of the stream, and none begins that could not end in it.
    """
    per_ms = config.rate * config.attack_share / attacks / attack.payments / 1_000
    length_ms = config.duration_s * 1_000
    end = config.skew_ms + length_ms
    early = min(rng.uniform(0.02, 0.15) * length_ms, rng.expovariate(per_ms), 1 / per_ms)
    begin = config.skew_ms + early
    waiting: list[tuple[float, int, Event]] = []
    number = 0
    while True:
        while waiting and waiting[0][0] <= begin:
            yield heappop(waiting)[2]
        world.begin = begin
        steps = list(attack.episode(world, rng))
        haste = min(1.0, 0.5 * length_ms / (steps[-1].after_ms or 1))
        takes = haste * steps[-1].after_ms
        if begin + takes > end:
            break
        for step in steps:
            due = begin + haste * step.after_ms
            txn = msgspec.structs.replace(step.txn, event_time=config.start_time + int(due))
            event = Event(int(due), txn, name if step.fraud else None)
            heappush(waiting, (due, number, event))
            number += 1
        begin += rng.expovariate(per_ms * length_ms / (length_ms - takes))
    while waiting:
        yield heappop(waiting)[2]
