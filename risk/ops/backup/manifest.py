"""What a backup holds. It is written last: a folder without it is no whole backup."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from risk.errors import UserError
from risk.ops import files

NAME: Final = "manifest.json"
FORMAT: Final = 1
CHUNK: Final = 1_048_576


class File(msgspec.Struct, frozen=True):
    """A file of the backup. `rows` are records of a topic; of a dump they aren't counted."""

    name: str
    sha256: str
    rows: int = 0


class Topic(msgspec.Struct, frozen=True):
    """A topic, by its field of the settings. `ends` are each partition's first and next offset."""

    name: str
    ends: dict[int, tuple[int, int]]
    file: File


class Manifest(msgspec.Struct, frozen=True):
    """All of it. `migrations` is Postgres' schema, by name and checksum."""

    format: int
    made_at: str  # ISO 8601, UTC
    code_version: str
    topics: dict[str, Topic]
    postgres: File
    migrations: dict[str, str]


class _Format(msgspec.Struct):
    """What is the same in every format."""

    format: int


def write(folder: Path, manifest: Manifest) -> None:
    """Write it into the folder, whole. Raises `UserError`."""
    files.replace(folder / NAME, msgspec.json.format(msgspec.json.encode(manifest)))


def read(folder: Path) -> Manifest:
    """That of a folder, whose files are those that were written. Raises `UserError`."""
    path = folder / NAME
    try:
        content = path.read_bytes()
        told = msgspec.json.decode(content, type=_Format).format
        if told != FORMAT:
            raise UserError(f"{path}: format {told}, and this version reads {FORMAT}")
        found = msgspec.json.decode(content, type=Manifest)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: this is no backup, or not a whole one") from None
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(f"{path}: {error}") from None
    for file in (found.postgres, *(topic.file for topic in found.topics.values())):
        if digest(folder / file.name) != file.sha256:
            raise UserError(f"{folder / file.name} is not what was written: it is damaged")
    return found


def digest(path: Path) -> str:
    """A file's SHA-256. Raises `UserError`."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                found.update(chunk)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    return found.hexdigest()
