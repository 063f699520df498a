"""Reads the files of sql/, from a checkout as well as from the zip that jobs are shipped in."""

from __future__ import annotations

import functools
from importlib import resources


@functools.cache
def statement(name: str) -> bytes:
    """The statement in `sql/postgres/<name>.sql`."""
    return resources.files("sql").joinpath("postgres", f"{name}.sql").read_bytes()


def migrations() -> list[tuple[str, bytes]]:
    """All migrations in their order: the name without `.sql`, and the text."""
    folder = resources.files("sql").joinpath("migrations")
    found = (file for file in folder.iterdir() if file.name.endswith(".sql"))
    return sorted((file.name.removesuffix(".sql"), file.read_bytes()) for file in found)
