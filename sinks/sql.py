"""Reads the files of sql/, from a checkout as well as from the zip that jobs are shipped in."""

from __future__ import annotations

import functools
from importlib import resources
from importlib.machinery import PathFinder
from importlib.resources.abc import Traversable
from importlib.util import module_from_spec
from pathlib import Path


@functools.cache
def statement(name: str) -> bytes:
    """The statement in `sql/postgres/<name>.sql`."""
    return _folder().joinpath("postgres", f"{name}.sql").read_bytes()


def migrations() -> list[tuple[str, bytes]]:
    """All migrations in their order: the name without `.sql`, and the text."""
    folder = _folder().joinpath("migrations")
    found = (file for file in folder.iterdir() if file.name.endswith(".sql"))
    return sorted((file.name.removesuffix(".sql"), file.read_bytes()) for file in found)


def _folder() -> Traversable:
    # The one beside sinks/, in a folder or in a zip: another package may also be called `sql`.
    spec = PathFinder.find_spec("sql", [str(Path(__file__).parents[1])])
    assert spec is not None, "sql/ is missing beside sinks/"
    return resources.files(module_from_spec(spec))
