"""Which stores there are, and what else is delivered.

All that names stores or deliveries takes them from here, when it runs and not when it is imported.
A store's client is slow to load: an entry loads its store when it is asked for it, and no other.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from risk.config.settings import Settings, Topics
from risk.engine import feedback
from risk.engine.delivery import decode
from risk.engine.stages.base import Raw
from sinks.store import Delivers, Migrates, Store


def _message(raw: Raw) -> Any:
    """A message of risk.scores or risk.late. Raises `ValueError`."""
    return decode(raw.value or b"")


def _feedback(raw: Raw) -> Any:
    """A message of risk.feedback with its place. Raises `ValueError`."""
    said = feedback.decode(raw.value, raw.key)
    return feedback.Logged(said, raw.append_time, raw.partition, raw.offset)


@dataclass(frozen=True)
class Delivery:
    """What a job of its own writes, as much of it as can be told without its client.

    `name` is that of its jobs and groups; `title` is how people write it. `topics` are fields of
    the settings' topics: what it is made of. `module` is its package, if that isn't the one in
    sinks/ by its name. `read` makes of a record what its writer takes, and raises `ValueError` for
    one that is no message. `gathers_ms`: it gathers a batch for at least so long, whatever
    `delivery.batch_ms` says, as writing sooner would show nothing sooner.
    """

    name: str
    title: str
    topics: tuple[str, ...]
    module: str = ""
    read: Callable[[Raw], Any] = _message
    gathers_ms: int = 0

    def load(self) -> Delivers:
        """The package, with its client. Raises `TypeError` if it lacks what each can do."""
        found = importlib.import_module(self.module or f"sinks.{self.name}")
        if not isinstance(found, Delivers):
            raise TypeError(f"{found.__name__} lacks what is delivered to: see sinks/store.py")
        return found

    def read_from(self, topics: Topics) -> list[str]:
        """The names of the topics that it is made of."""
        return [getattr(topics, field) for field in self.topics]


@dataclass(frozen=True)
class Entry(Delivery):
    """A store of scores. `name` is also that of its section in the settings, and of its server.

    `live_only`: it holds what is live alone, no shadow's scores and no replay's.
    """

    live_only: bool = False

    def load(self) -> Store:
        """The store, with its client. Raises `TypeError` if it lacks what every store can do."""
        store = super().load()
        if not isinstance(store, Store):
            name = getattr(store, "__name__", self.name)
            raise TypeError(f"{name} lacks what every store can do: see sinks/store.py")
        return store


STORES: tuple[Entry, ...] = (
    # Postgres is the archive of all transactions, so it also takes the late ones.
    Entry("postgres", "Postgres", ("scores", "late")),
    Entry("redis", "Redis", ("scores",), live_only=True),
    # Its index is refreshed once a second: a request sooner costs as much and shows nothing sooner.
    Entry("elasticsearch", "Elasticsearch", ("scores",), gathers_ms=200),
)
# What is no store of scores. Feedback has a job of its own: what holds it up holds up no score.
BESIDE: tuple[Delivery, ...] = (
    # Verdicts are few, and given days after their payments: 200 ms more are not noticed.
    Delivery("feedback", "feedback in Postgres", ("feedback",), read=_feedback, gathers_ms=200),
)


def names() -> tuple[str, ...]:
    """The stores' names, in the order in which they are told."""
    return tuple(entry.name for entry in STORES)


def entry(name: str) -> Entry:
    """A store's entry. Raises `LookupError`."""
    for found in STORES:
        if found.name == name:
            return found
    raise LookupError(f"no store {name!r}: there are {', '.join(names())}")


def load(name: str) -> Store:
    """A store by its name. Raises `LookupError`."""
    return entry(name).load()


def deliveries() -> tuple[Delivery, ...]:
    """All that has a delivery job: the stores first."""
    return (*STORES, *BESIDE)


def delivery_names() -> tuple[str, ...]:
    """Their names."""
    return tuple(one.name for one in deliveries())


def delivery(name: str) -> Delivery:
    """One of them by its name. Raises `LookupError`."""
    for found in deliveries():
        if found.name == name:
            return found
    raise LookupError(f"no delivery {name!r}: there are {', '.join(delivery_names())}")


def migrate(settings: Settings) -> list[str]:
    """Bring the schemas of all stores that have one up to date; what was applied.

    Raises `MigrationError` and `Unavailable`.
    """
    stores = [entry.load() for entry in STORES]
    return [one for s in stores if isinstance(s, Migrates) for one in s.migrate(settings)]
