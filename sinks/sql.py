"""The files of sql/, all of them read when this module is loaded.

A job outlives the folder that its code was unpacked in: after a failure Flink starts it again in
the same interpreter, whose modules stay, and unpacks the code elsewhere. What is read only when it
is needed isn't there any more by then.
"""

from __future__ import annotations

from importlib import resources
from importlib.machinery import PathFinder
from importlib.resources.abc import Traversable
from importlib.util import module_from_spec
from pathlib import Path

SUFFIX = ".sql"


def statement(name: str) -> bytes:
    """The statement in `sql/postgres/<name>.sql`."""
    return _statements[name]


def migrations() -> list[tuple[str, bytes]]:
    """All migrations in their order: the name without `.sql`, and the text."""
    return sorted(_migrations.items())


def _folder() -> Traversable:
    # The one beside sinks/, in a folder or in a zip: another package may also be called `sql`.
    spec = PathFinder.find_spec("sql", [str(Path(__file__).parents[1])])
    assert spec is not None, "sql/ is missing beside sinks/"
    return resources.files(module_from_spec(spec))


def _read(folder: str) -> dict[str, bytes]:
    """The files of a folder, by their names without `.sql`."""
    found = (file for file in _folder().joinpath(folder).iterdir() if file.name.endswith(SUFFIX))
    return {file.name.removesuffix(SUFFIX): file.read_bytes() for file in found}


_statements = _read("postgres")
_migrations = _read("migrations")
