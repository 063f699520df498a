"""How far an import is, in a file beside the data of the stack: what goes on reads it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from risk.errors import UserError
from risk.stack.process import Home

FOLDER: Final = "import"


class Position(msgspec.Struct, kw_only=True):
    """Of one import: what was checked, and how many messages of its sequence are acknowledged.

    `now` is the time of the check in ms UTC: what was in the future then is so in every part.
    """

    file: str
    now: int
    sort: bool
    rows: int
    payments: int
    labels: int
    rejected: int
    sent: int = 0
    done: bool = False


class PositionFile:
    """Where the position of the import with this key is kept."""

    def __init__(self, home: Home, key: str) -> None:
        self.path = home.folder(FOLDER) / f"{key[:32]}.json"

    def read(self) -> Position | None:
        """What was written last. Raises `UserError` if it can't be read."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Position)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise UserError(f"{self.path}: {error}: --anew imports the file anew") from None

    def write(self, position: Position) -> None:
        """Replace it, whole or not at all."""
        fresh = self.path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(position))
        os.replace(fresh, self.path)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Held by one import at a time. Raises `UserError` while another holds it."""
        with self.path.with_suffix(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError("this file is being imported by another process") from None
            yield


def begin(kept: Position | None, resume: bool, anew: bool, what: Path) -> Position | None:
    """What to go on from; None for a new import. Raises `UserError` if it isn't clear."""
    if resume and kept is None:
        raise UserError(
            f"--resume: {what} was never begun with this map, these rows and this topic: "
            "import it without --resume"
        )
    if kept is None or anew:
        return None
    if kept.done and not resume:
        raise UserError(f"{what} was imported with this map before: --anew sends it once more")
    if not kept.done and not resume:
        total = kept.payments + kept.labels
        raise UserError(
            f"an import of {what} stopped after {kept.sent:,} of {total:,} messages: --resume goes "
            "on from there, --anew sends all of it again"
        )
    return kept
