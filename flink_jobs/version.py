"""Which version of the code this is.

In thread mode Python lives as long as its TaskManager and keeps the modules that it imported
first, so a job could run older code than was submitted without a word. The job compares.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

# What a job is shipped with, files and folders from the project's root: what it needs while it
# runs, and no more.
SHIPPED = (
    *("risk/__init__.py", "risk/errors.py", "risk/logs.py"),
    *("risk/secret_file.py", "risk/waiting.py"),
    *("risk/config", "risk/engine", "risk/kafka", "flink_jobs", "sinks", "sql"),
)


class StaleCode(Exception):
    """The TaskManager holds another version of the code than was submitted."""


def shipped(root: Path) -> Iterator[Path]:
    """The files that a job is shipped with, always in one order."""
    for name in SHIPPED:
        found = [root / name] if (root / name).is_file() else sorted((root / name).rglob("*"))
        yield from (path for path in found if path.is_file() and "__pycache__" not in path.parts)


def _measure() -> str:
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for path in (file for file in shipped(root) if file.suffix == ".py"):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


# Taken when the module is imported: from then on this is the code that runs, whatever is on disk.
CODE_VERSION = _measure()


def check(submitted: str) -> None:
    """Raise `StaleCode` unless this interpreter runs the code that was submitted."""
    if submitted != CODE_VERSION:
        raise StaleCode(
            f"this TaskManager holds code {CODE_VERSION}, the job was submitted with {submitted}: "
            "restart the TaskManagers, or submit with `risk submit`, which does so"
        )
