"""Classes as the JVM keeps them once it has loaded them, so that the next start doesn't.

A JVM that ends can leave an archive of what it has loaded, and those after it map that into memory:
https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html. Until its job decides payments
a TaskManager needs a quarter less processor time then, and a client that submits it a third less.
The first of a kind leaves the archive for all to come; a JVM that can't use it goes on without.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

from risk.stack import flink_lib
from risk.stack.java import java_home
from risk.stack.process import Home


def options(home: Home, kind: str, name: str, leave: bool = True) -> list[str]:
    """What the JVM of a process is told: to use its kind's archive, or if there is none to `leave`
    one.
    """
    archive = _archive(home, kind)
    if archive.exists():
        return [f"-XX:SharedArchiveFile={archive}"]
    draft = _draft(home, name)
    if not leave or "," in str(draft):
        return []
    draft.unlink(missing_ok=True)
    return [f"-XX:ArchiveClassesAtExit={draft}"]


def keep(home: Home, kind: str, name: str) -> None:
    """Take what a process has left that has ended by itself. Never in the way of its end."""
    archive, draft = _archive(home, kind), _draft(home, name)
    if not draft.exists():
        return
    with contextlib.suppress(OSError):
        if not archive.exists():
            near = archive.with_suffix(f".{os.getpid()}")
            shutil.copyfile(draft, near)
            near.replace(archive)
        draft.unlink()


def _draft(home: Home, name: str) -> Path:
    """Where whoever is killed may leave it: that folder is emptied when the cluster starts."""
    return home.folder("flink/tmp") / f"{name}.jsa"


def _archive(home: Home, kind: str) -> Path:
    """Named by what it is good for: this Java, and these jars."""
    jvm = java_home() / "lib" / "server" / "libjvm.so"
    parts = []
    for path in (jvm, *sorted(flink_lib.folder(home).glob("*.jar"))):
        with contextlib.suppress(OSError):
            found = path.stat()
            parts.append(f"{path} {found.st_size} {found.st_mtime_ns}")
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return flink_lib.folder(home).parent / f"{kind}-{key}.jsa"
