"""The whole stream: honest traffic and attacks, then what the way to Kafka does to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import islice
from random import Random

import msgspec

from generator import attacks, habits
from generator.attacks.base import Attack
from generator.campaign import campaign
from generator.config import StreamConfig
from generator.disorder import disordered
from generator.everyday import Everyday
from generator.malformed import each_kind
from generator.normal import normal
from generator.record import Event, Record
from generator.world import World


def records(config: StreamConfig, happened: Iterator[Event] | None = None) -> Iterator[Record]:
    """The stream's `config.events` records, as they are to be sent.

    Who wants to see the events on their way passes `events(config)` on as `happened`.

    Pure: the same configuration gives the same bytes. Raises `UnknownAttack` or `UnknownHabit`.
    """
    happened = happened or events(config)
    sent = disordered(config, happened, _rng(config, "disorder"), _rng(config, "open"))
    return islice(sent, config.events)


def broken(config: StreamConfig, count: int) -> Iterator[Record]:
    """`count` malformed records of all kinds at the stream's rate, some of them of 1 MB."""
    txns = (event.txn for event in events(config))
    found = each_kind(txns, count, _rng(config, "malformed"))
    for number, (key, value, _) in enumerate(found):
        yield Record(key, value, None, int(number * 1_000 / config.rate), "malformed")


def events(config: StreamConfig) -> Iterator[Event]:
    """What happens, in the order in which it happens, without end."""
    chosen = attacks.selected(config.attack) if config.attack_share else {}
    begin = max(0, config.start_time - config.skew_ms)
    config = msgspec.structs.replace(config, start_time=begin)
    world = World(config.seed, config.population)
    rate = _normal_rate(config, chosen)
    odd = habits.selected(config.habits)
    everyday = Everyday(odd, config, rate, world, _rng(config, "habits"))
    return merge(
        normal(config, rate, world, everyday, _rng(config, "normal")),
        *(
            campaign(name, attack, config, len(chosen), world, _rng(config, name))
            for name, attack in chosen.items()
        ),
        key=lambda event: event.due_ms,
    )


def _normal_rate(config: StreamConfig, chosen: Mapping[str, Attack]) -> float:
    """Honest payments a second, such that with all that is added the stream has its rate."""
    rate = config.rate / (1 + config.duplicates + config.malformed)
    for attack in chosen.values():
        # In a short stream each has an episode all the same, which may be more than its share.
        share = config.rate * config.attack_share / len(chosen)
        own = max(share, attack.payments / config.duration_s)
        rate -= own * (1 + attack.history / attack.payments)
    return max(rate, 0.1 * config.rate)


def _rng(config: StreamConfig, purpose: str) -> Random:
    return Random(f"{config.seed}:{purpose}")
