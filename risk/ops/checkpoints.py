"""Which jobs of the embedded cluster ran last, and the checkpoints that they left.

A cluster that is started anew knows no job of the one before. Their checkpoints are still there:
a job that goes on from the latest of its predecessor has lost nothing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from risk.config.settings import Settings
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable, understood
from risk.stack.process import Home

METADATA: Final = "_metadata"  # the file that makes a checkpoint complete
CHECKPOINT: Final = "chk-"
NUMBERED: Final = re.compile(CHECKPOINT + r"[0-9]+")


class Unseen(Exception):
    """Whether there is a checkpoint can't be told: one line that says why."""


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

    A job that ended before its first one has left what it went on from itself. Raises `Unseen` if
    there may be one where this process can't look.
    """
    last = _read(home).get(kind)
    if last is None:
        return None
    named = settings.flink.checkpoint_dir
    if named and _remote(named):
        if found := _told(settings, last.job):
            return found
        raise Unseen(f"{named} is not a folder that can be searched from here")
    own = _numbers(_folder(settings, home) / last.job)
    if own:
        return max(own)[1].as_uri()
    if last.restored and (_remote(last.restored) or _complete(_path(last.restored))):
        return last.restored
    return None


def place(settings: Settings, home: Home) -> str:
    """Where checkpoints are, in words."""
    return settings.flink.checkpoint_dir or str(_folder(settings, home))


def _numbers(folder: Path) -> list[tuple[int, Path]]:
    """The complete checkpoints of a job, with their numbers. Raises `Unseen`."""
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Unseen(f"{error.filename}: {error.strerror}") from None
    return [
        (int(name.removeprefix(CHECKPOINT)), folder / name)
        for name in names
        if NUMBERED.fullmatch(name) and _complete(folder / name)
    ]


def _complete(folder: Path) -> bool:
    """Whether a checkpoint was taken to its end. Raises `Unseen`."""
    try:
        return (folder / METADATA).exists()
    except OSError as error:
        raise Unseen(f"{error.filename}: {error.strerror}") from None


def _told(settings: Settings, job: str) -> str | None:
    """The newest checkpoint or savepoint of a job that Flink still knows."""
    path = f"/jobs/{job}/checkpoints"
    try:
        answer = FlinkRest(settings.flink.url).get(path)
        with understood(path):
            found = [answer["latest"].get(kind) for kind in ("completed", "savepoint", "restored")]
            known = [(int(_time(one)), str(one["external_path"])) for one in found if one]
    except FlinkUnavailable:
        return None
    return max(known)[1] if known else None


def _time(one: dict[str, int]) -> int:
    """When one was taken; one that was restored is older than what came after it."""
    return one.get("trigger_timestamp", 0)


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


def _remote(place: str) -> bool:
    """Whether a place is no folder of this machine's, by its scheme."""
    return urlsplit(place).scheme not in ("", "file")


def _path(uri: str) -> Path:
    """The path of a `file:` URI, or of a path."""
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme == "file" else Path(uri)
