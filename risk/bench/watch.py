"""Watches stores for rows of sampled events, in a process of its own.

Each store is asked again and again for the events that are due and not seen yet. A row counts from
when the answer that holds it was here, so what is measured is late by up to one round of asking:
`round_ms` says how long rounds were.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection
from threading import Thread
from typing import NamedTuple

import msgspec

from risk.bench.stats import percentile
from risk.config.settings import Settings
from risk.engine.payment.identity import payment_key
from sinks.elasticsearch.client import connect as connect_elasticsearch
from sinks.elasticsearch.document import id_of, index
from sinks.postgres.connect import connect as connect_postgres
from sinks.redis import keys
from sinks.redis.client import connect as connect_redis

ASKED = 512  # events at most in a question

Tag = tuple[str, int]  # a ruleset's name and version


class Sample(NamedTuple):
    """An event to look for, which is sent `at` seconds after the start."""

    at: float
    event_id: str
    event_time: int
    user_id: str


Ask = Callable[[Sequence[Sample]], set[str]]


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
    asks = {name: QUESTIONS[name](settings, ruleset) for name in names}
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
    waiting: dict[str, Sample] = {}
    position = 0
    began = time.monotonic()
    try:
        while began < end and (position < len(samples) or waiting):
            while position < len(samples) and start + samples[position].at <= began:
                waiting[samples[position].event_id] = samples[position]
                position += 1
            if waiting:
                found = ask(list(waiting.values())[:ASKED])
                now = time.monotonic()
                for event_id in found:
                    seen.times[event_id] = now
                    waiting.pop(event_id, None)
            time.sleep(pause_s)
            began, before = time.monotonic(), began
            if waiting:
                seen.rounds.append(began - before)
    except Exception as error:  # a store's own: the other stores go on
        seen.problem = f"{type(error).__name__}: {error}"


def _postgres(settings: Settings, ruleset: Tag) -> Ask:
    connection = connect_postgres(settings)
    query = "SELECT event_id FROM risk_scores WHERE event_id = ANY(%s)"

    def ask(samples: Sequence[Sample]) -> set[str]:
        ids = [sample.event_id for sample in samples]
        return {str(row[0]) for row in connection.execute(query, (ids,))}

    return ask


def _redis(settings: Settings, ruleset: Tag) -> Ask:
    client = connect_redis(settings)

    def ask(samples: Sequence[Sample]) -> set[str]:
        pipe = client.pipeline(transaction=False)
        for sample in samples:
            pipe.exists(keys.score_key(sample.user_id, sample.event_id, sample.event_time))
        answers = zip(samples, pipe.execute(), strict=True)
        return {sample.event_id for sample, there in answers if there}

    return ask


def _key(sample: Sample) -> str:
    return payment_key(sample.user_id, sample.event_id, sample.event_time)


def _elasticsearch(settings: Settings, ruleset: Tag, realtime: bool = True) -> Ask:
    client = connect_elasticsearch(settings)
    prefix = settings.elasticsearch.index_prefix

    def ask(samples: Sequence[Sample]) -> set[str]:
        docs = [
            {
                "_index": index(prefix, sample.event_time),
                "_id": id_of(_key(sample), *ruleset),
                "_source": False,
            }
            for sample in samples
        ]
        answer = client.mget(docs=docs, realtime=realtime)["docs"]
        pairs = zip(samples, answer, strict=True)
        return {sample.event_id for sample, doc in pairs if doc.get("found")}

    return ask


# Elasticsearch twice: who asks for an event by its id sees it at once, a search after a refresh.
QUESTIONS: dict[str, Callable[[Settings, Tag], Ask]] = {
    "postgres": _postgres,
    "redis": _redis,
    "elasticsearch": _elasticsearch,
    "elasticsearch_search": partial(_elasticsearch, realtime=False),
}
