"""What the stack knows of a server."""

from __future__ import annotations

from typing import Protocol


class Server(Protocol):
    """One embedded server."""

    name: str

    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each socket it listens on, the one for its clients first."""
        ...

    def start(self) -> None:
        """Start it, or what of it isn't running; doesn't wait until it is healthy.

        Its processes are named after it: `name`, or `name-…` if it has several.
        """
        ...

    def problem(self) -> str | None:
        """None if it is healthy, else what is missing yet."""
        ...

    def stop(self) -> None:
        """Stop it, and wait until it is gone."""
        ...
