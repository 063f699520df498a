"""What is no payment, in a file of JSON lines: row, column, reason, and the row as it was read."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from risk.errors import UserError
from risk.ops.imports.records import Rejection

_encode = msgspec.json.Encoder().encode


def beside(path: Path) -> Path:
    """Where they go if nothing else is said."""
    return path.with_name(f"{path.name}.rejected.jsonl")


class Rejects:
    """Writes to the file with the first rejection; without any, an older file there goes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = self._opened() if path.exists() else None

    def add(self, rejection: Rejection) -> None:
        """One more."""
        if self._file is None:
            self._file = self._opened()
        self._file.write(_encode(rejection._asdict()) + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._file is None:
            return
        empty = self._file.tell() == 0
        self._file.close()
        if empty:
            self._path.unlink(missing_ok=True)

    def _opened(self) -> IO[bytes]:
        try:
            return self._path.open("wb")
        except OSError as error:
            way = "name another with --rejects"
            raise UserError(f"{self._path}: {error.strerror}: {way}") from None
