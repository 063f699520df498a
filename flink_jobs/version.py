"""Which version of the code this is.

In thread mode Python lives as long as its TaskManager and keeps the modules that it imported
first, so a job could run older code than was submitted without a word. The job compares.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

PACKAGES = ("risk", "flink_jobs", "sinks")


class StaleCode(Exception):
    """The TaskManager holds another version of the code than was submitted."""


def _measure() -> str:
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
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
