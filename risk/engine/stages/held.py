"""What stages hold in memory, as far as those who see to that memory have to know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable


@runtime_checkable
class HoldsMuch(Protocol):
    """A stage, or several as one, that holds many objects."""

    def some(self) -> Iterator[object]:
        """A few of them, from all over them."""


def some_of(part: object) -> Iterator[object]:
    """A few of the objects that the keyed stages of a part hold."""
    for stage in vars(part).values():
        if isinstance(stage, HoldsMuch):
            yield from stage.some()
