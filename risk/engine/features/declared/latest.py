"""Windows of verdicts: of those on a payment the latest in the window counts."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from typing import Any, Protocol

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.cursor import Sliding
from risk.engine.features.entry import Entry


class Latest(Protocol):
    """A window that counts of each payment one verdict."""

    verdicts: dict[tuple[str, str], list[Any]]  # of each payment those in the window, in order

    def more(self, e: Entry) -> None:
        """Count one in."""

    def less(self, e: Entry) -> None:
        """Count one out."""


def scanned(window: Sliding, newest_first: Iterator[Entry], far: int) -> tuple[FeatureValue, ...]:
    """The features of the first of these entries, of a window that is empty yet."""
    first = next(newest_first)
    window.add(first)
    for entry in newest_first:
        if entry.time <= far:
            break
        window.add(entry)
    return window.read(first)


def enter(window: Latest, entry: Any) -> None:
    """A verdict comes into the window: it counts unless a later one on the payment does."""
    if not (entry.flags or entry.was):
        return
    found = window.verdicts.setdefault((entry.user_id, entry.event_id), [])
    before = found[-1] if found else None
    insort(found, entry)
    if found[-1] is not before:
        if before is not None:
            window.less(before)
        window.more(entry)


def depart(window: Latest, entry: Any) -> None:
    """A verdict leaves the window: the one before it counts again, if that is still there."""
    if not (entry.flags or entry.was):
        return
    payment = entry.user_id, entry.event_id
    found = window.verdicts[payment]
    counted = found[-1] == entry
    found.remove(entry)
    if counted:
        window.less(entry)
        if found:
            window.more(found[-1])
    if not found:
        del window.verdicts[payment]
