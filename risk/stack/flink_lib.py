"""The jars on the classpath of Flink's processes: one folder of links for every stack.

Its path is the same wherever a stack keeps its data, so that what was loaded from it once serves
all of them (`class_archive`). In an image, where nobody may write there, a stack has its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from risk.stack.java import JARS
from risk.stack.process import Home


def folder(home: Home) -> Path:
    """Where they are."""
    return JARS / "flink-lib" if os.access(JARS, os.W_OK) else home.folder("flink") / "lib"


def link(home: Home, flink: Path) -> None:
    """Link the jars of Flink's distribution and its connectors, unless they are."""
    # flink-python must be in lib/: else thread mode fails from the second job on.
    jars = (*(flink / "lib").glob("*.jar"), *(flink / "opt").glob("flink-python-*.jar"))
    wanted = {jar.name: jar for jar in (*jars, *(JARS / "flink").glob("*.jar"))}
    lib = folder(home)
    if _links(lib) == wanted:
        return
    draft = Path(tempfile.mkdtemp(prefix="lib-", dir=lib.parent))
    for name, jar in wanted.items():
        (draft / name).symlink_to(jar)
    draft.chmod(0o755)
    shutil.rmtree(lib, ignore_errors=True)
    with contextlib.suppress(OSError):  # another stack was quicker
        draft.rename(lib)
    shutil.rmtree(draft, ignore_errors=True)


def _links(lib: Path) -> dict[str, Path]:
    try:
        return {path.name: path.readlink() for path in lib.iterdir()}
    except OSError:
        return {}
