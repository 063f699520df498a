"""Watches stores for rows of sampled events, in a process of its own.

Each store is asked again and again for the events that are due and not seen yet. A row counts from
when the answer that holds it was here, so what is measured is late by up to one round of asking:
`round_ms` says how long rounds were.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from threading import Thread
from typing import NamedTuple

import msgspec

from risk.bench.stats import percentile
from risk.config.settings import Settings
from sinks import registry
from sinks.store import Ask, Payment, Searches, Tag

ASKED = 512  # events at most in a question
SEARCH = "_search"  # so ends the name of what is asked of a store's search


class Sample(NamedTuple):
    """An event to look for, which is sent `at` seconds after the start."""

    at: float
    event_id: str
    event_time: int
    user_id: str

    @property
    def payment(self) -> Payment:
        """Which payment it is."""
        return self.event_id, self.user_id, self.event_time


class Seen(msgspec.Struct):
    """When each sampled event was seen in a store, in seconds of the monotonic clock."""

    times: dict[str, float] = {}
    rounds: list[float] = []
    problem: str = ""

    def round_ms(self) -> tuple[float, float]:
        """The median and the 99th percentile of the rounds, in ms."""
        ordered = sorted(self.rounds)
        median, slow = percentile(ordered, 0.5), percentile(ordered, 0.99)
        return round(1_000 * median, 2), round(1_000 * slow, 2)


def watch(
    settings: Settings,
    ruleset: Tag,
    names: Sequence[str],
    samples: Sequence[Sample],
    pause_s: float,
    pipe: Connection,
) -> None:
    """Say "ready"; take the start and the end of the watch; say what was `Seen`, by store."""
    asks = {name: _ask(settings, ruleset, name) for name in names}
    pipe.send("ready")
    start, end = pipe.recv()
    found = {name: Seen() for name in names}
    threads = [
        Thread(target=poll, args=(asks[name], samples, start, end, pause_s, found[name]))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send(found)


def poll(
    ask: Ask, samples: Sequence[Sample], start: float, end: float, pause_s: float, seen: Seen
) -> None:
    """Ask for the samples that are due and not seen, until all are seen or it is `end`."""
    waiting: dict[str, Payment] = {}  # by event_id
    position = 0
    began = time.monotonic()
    try:
        while began < end and (position < len(samples) or waiting):
            while position < len(samples) and start + samples[position].at <= began:
                waiting[samples[position].event_id] = samples[position].payment
                position += 1
            if waiting:
                found = ask(list(waiting.values())[:ASKED])
                now = time.monotonic()
                for event_id, _, _ in found:
                    seen.times[event_id] = now
                    waiting.pop(event_id, None)
            time.sleep(pause_s)
            began, before = time.monotonic(), began
            if waiting:
                seen.rounds.append(began - before)
    except Exception as error:  # a store's own: the other stores go on
        seen.problem = f"{type(error).__name__}: {error}"


def questions(stores: Sequence[str]) -> list[str]:
    """What to watch of these stores: each, and what a search shows where that comes later.

    In that case it is asked for twice: by its key an event is there at once.
    """
    loaded = {name: registry.load(name) for name in registry.names() if name in stores}
    searched = [name + SEARCH for name, store in loaded.items() if isinstance(store, Searches)]
    return [*loaded, *searched]


def _ask(settings: Settings, ruleset: Tag, question: str) -> Ask:
    store = registry.load(question.removesuffix(SEARCH))
    if question.endswith(SEARCH) and isinstance(store, Searches):
        return store.probe_search(settings, ruleset)
    return store.probe(settings, ruleset)
