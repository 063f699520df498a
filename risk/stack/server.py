"""What the stack knows of a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Server(Protocol):
    """One embedded server."""

    name: str

    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each socket it listens on, the one for its clients first."""
        ...

    def processes(self) -> Sequence[str]:
        """The processes that it needs, named after it: `name`, or `name-…` if it has several."""
        ...

    def start(self) -> None:
        """Start those of its processes that aren't running; doesn't wait until it is healthy."""
        ...

    def problem(self) -> str | None:
        """None if it is healthy, else what is missing yet."""
        ...

    def stop(self) -> None:
        """Stop it, and wait until it is gone."""
        ...
