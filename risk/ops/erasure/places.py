"""Where a person is erased: what is delivered to, and the cases with their trails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from risk.config.settings import Settings
from risk.engine.erasure import Erased
from risk.registry.cases import erase as cases
from risk.registry.session import session
from sinks import registry
from sinks.store import Erases

CASES: Final = "cases"

Counts = dict[str, dict[str, int]]  # place to kind to how many


def stores() -> Iterator[tuple[str, Erases]]:
    """All that is delivered to and that people can be erased from, by name."""
    for one in registry.deliveries():
        loaded = one.load()
        if isinstance(loaded, Erases):
            yield one.name, loaded


def count(settings: Settings, user_id: str, upto: int) -> Counts:
    """What there is of a user, up to an event time in ms UTC. Raises `Unavailable`."""
    found = {name: store.count(settings, user_id, upto) for name, store in stores()}
    with session(settings, statement_ms=0) as cursor:
        found[CASES] = cases.count(cursor, user_id, upto)
    return found


def add_erased(settings: Settings, erased: Erased) -> None:
    """Have no store take the users of a list any more. Raises `Unavailable`."""
    for _, store in stores():
        store.add_erased(settings, erased)


def erase(
    settings: Settings, erasure: int, user_id: str, upto: int
) -> Iterator[tuple[str, dict[str, int]]]:
    """Remove it, place by place; what each had. Raises `Unavailable`."""
    for name, store in stores():
        yield name, store.erase(settings, user_id, upto)
    rule = settings.cases
    minutes = rule.block_due_minutes, rule.review_due_minutes
    with session(settings, statement_ms=0) as cursor:
        gone = cases.erase(cursor, erasure, user_id, upto, minutes)
    yield CASES, gone
