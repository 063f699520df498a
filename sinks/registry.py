"""Which stores there are.

All that names stores takes them from here, when it runs and not when it is imported. A store's
client is slow to load: an entry loads its store when it is asked for it, and no other.
"""

from __future__ import annotations

import importlib
from typing import NamedTuple

from risk.config.settings import Settings, Topics
from sinks.store import Migrates, Store


class Entry(NamedTuple):
    """A store, as much of it as can be told without its client.

    `name` is that of its section in the settings, its server, its jobs and groups; `title` is how
    people write it. `topics` are fields of the settings' topics: what it is made of. `live_only`:
    it holds what is live alone, no shadow's scores and no replay's. `module` is its package, if
    that isn't the one in sinks/ by its name.
    """

    name: str
    title: str
    topics: tuple[str, ...]
    live_only: bool = False
    module: str = ""

    def load(self) -> Store:
        """The store, with its client. Raises `TypeError` if it lacks what every store can do."""
        store = importlib.import_module(self.module or f"sinks.{self.name}")
        if not isinstance(store, Store):
            raise TypeError(f"{store.__name__} lacks what every store can do: see sinks/store.py")
        return store

    def read_from(self, topics: Topics) -> list[str]:
        """The names of the topics that it is made of."""
        return [getattr(topics, field) for field in self.topics]


STORES: tuple[Entry, ...] = (
    # Postgres is the archive of all transactions, so it also takes the late ones.
    Entry("postgres", "Postgres", ("scores", "late")),
    Entry("redis", "Redis", ("scores",), live_only=True),
    Entry("elasticsearch", "Elasticsearch", ("scores",)),
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


def migrate(settings: Settings) -> list[str]:
    """Bring the schemas of all stores that have one up to date; what was applied.

    Raises `MigrationError` and `Unavailable`.
    """
    stores = [entry.load() for entry in STORES]
    return [one for s in stores if isinstance(s, Migrates) for one in s.migrate(settings)]
