"""Which jobs of the embedded cluster ran last, and the checkpoints that they left.

A cluster that is started anew knows no job of the one before. Their checkpoints are still there:
a job that goes on from the latest of its predecessor has lost nothing.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from risk.settings import Settings
from stack.process import Home


class Last(msgspec.Struct, frozen=True):
    """The job of a kind that was started last, and what it went on from, if it did."""

    job: str
    restored: str | None = None


def remember(home: Home, kind: str, job: str, restored: str | None = None) -> None:
    """Note that this job is now the one of its kind ("score", or the name of a store)."""
    known = _read(home)
    if kind in known and known[kind].job == job:
        return
    draft = _file(home).with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(known | {kind: Last(job, restored)}))
    draft.replace(_file(home))


def latest(settings: Settings, home: Home, kind: str) -> str | None:
    """The URI of the newest complete checkpoint of a kind's last job; None if there is none.

    A job that ended before its first one has left what it went on from itself.
    """
    last = _read(home).get(kind)
    if last is None:
        return None
    own = [
        (int(path.parent.name.removeprefix("chk-")), path.parent)
        for path in _folder(settings, home).glob(f"{last.job}/chk-*/_metadata")
    ]
    if own:
        return max(own)[1].as_uri()
    if last.restored and (_path(last.restored) / "_metadata").exists():
        return last.restored
    return None


def _read(home: Home) -> dict[str, Last]:
    try:
        return msgspec.json.decode(_file(home).read_bytes(), type=dict[str, Last])
    except (OSError, msgspec.DecodeError):
        return {}


def _file(home: Home) -> Path:
    return home.folder("flink") / "jobs.json"


def _folder(settings: Settings, home: Home) -> Path:
    named = settings.flink.checkpoint_dir
    return _path(named) if named else home.folder("flink") / "checkpoints"


def _path(uri: str) -> Path:
    """The path of a `file:` URI, or of a path."""
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme == "file" else Path(uri)
