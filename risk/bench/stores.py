"""Stores of a benchmark's own on the same servers: another database, index and logical Redis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError
from sinks import registry
from sinks.store import Divides

PLACE = "risk-bench"


@contextmanager
def own_stores(settings: Settings, names: Sequence[str]) -> Iterator[Settings]:
    """The settings with these stores empty; they are removed in the end.

    Raises `StackError` if one can't be reached, or has no second place.
    """
    stores = {name: _divided(name) for name in names}
    own = settings
    for store in stores.values():
        own = store.apart(own, PLACE)
    try:
        for name, store in stores.items():
            with _reached(name):
                store.make(settings, own)
        yield own
    finally:
        for name, store in stores.items():
            with _reached(name):
                store.remove(settings, own)


def _divided(name: str) -> Divides:
    store = registry.load(name)
    if not isinstance(store, Divides):
        raise StackError(f"{name}: it has no second place to be measured in")
    return store


@contextmanager
def _reached(name: str) -> Iterator[None]:
    """An error of a store in one line."""
    try:
        yield
    except Unavailable as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise StackError(f"{name}: {lines[0].removeprefix(name + ': ')}") from None
