"""Files that commands write for people: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from risk.errors import UserError


def replace(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all, through a link; a pipe or device as it is.

    Raises `UserError`.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        place = path.resolve()
        draft = _draft(place)
        try:
            draft.write_bytes(data)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None


def check(flag: str, path: Path, inputs: Iterable[Path] = ()) -> None:
    """Raise `UserError` for what can't be written, or is one of the command's own `inputs`.

    So nobody waits for a result that then has no place. A file that is there stays as it is.
    """
    if "\0" in str(path):
        raise UserError(f"{flag} {path}: has the character U+0000: leave it out")
    try:
        if path.is_dir():
            raise UserError(f"{flag} {path}: it is a folder: name a file")
        if not path.parent.is_dir():
            raise UserError(f"{flag} {path}: there is no folder {path.parent}: make it first")
        for one in inputs:
            if path.exists() and one.exists() and path.samefile(one):
                raise UserError(f"{flag} {path}: the command reads it: name another file")
        _try(path)
    except OSError as error:
        raise UserError(f"{flag} {path}: {error.strerror}: name another file") from None


def make(flag: str, path: Path) -> None:
    """The same, and make the folders on the way to it. Raises `UserError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{flag} {path}: {error.strerror}: name another file") from None
    except ValueError:  # of a NUL, which `check` names
        pass
    check(flag, path)


def _try(path: Path) -> None:
    """Raise `OSError` unless `replace` can write it: permissions alone say too little to root."""
    if path.exists() and not path.is_file():
        return
    draft = _draft(path.resolve())
    try:
        draft.touch()
    finally:
        draft.unlink(missing_ok=True)


def _draft(place: Path) -> Path:
    return place.with_name(f".{place.name}-{os.getpid()}")
