"""What is imported: a file, its map and how many of its rows; and what tells it from another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from risk.config.settings import Settings
from risk.ops.imports.batch import Batch, first_rows
from risk.ops.imports.map_file import read_map
from risk.ops.imports.mapping import Map
from risk.ops.imports.reading import opened
from risk.ops.imports.records import Limits, Payment, Rejection, converted


class Source(NamedTuple):
    """A file, and the map with its text. `rows` None is all of them."""

    path: Path
    map: Map
    map_text: str
    rows: int | None

    @classmethod
    def of(cls, path: Path, map_path: Path, rows: int | None) -> Source:
        """Both read as far as it takes to see that they fit. Raises `UserError`, `OSError`."""
        text = map_path.read_text(encoding="utf-8-sig")
        found = cls(path, read_map(text, str(map_path)), text, rows)
        with opened(path, found.map.file) as read:
            if read.columns is not None:
                found.map.check_columns(read.columns)
        return found

    def batches(self) -> Iterator[Batch]:
        """The rows. Raises `UserError` for what can't be read."""
        with opened(self.path, self.map.file) as read:
            yield from first_rows(read.batches, self.rows)

    def payments(self, limits: Limits) -> Iterator[Payment]:
        """Those rows that are payments."""
        for one in self.results(limits):
            if isinstance(one, Payment):
                yield one

    def results(self, limits: Limits) -> Iterator[Payment | Rejection]:
        """What each row is."""
        for batch in self.batches():
            yield from converted(self.map, limits, batch)

    def key(self, settings: Settings) -> str:
        """The hash of file, map, rows and where they go: another import has another."""
        with self.path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        topics = settings.topics
        parts = (content, self.map_text, self.rows, settings.kafka.servers, topics.transactions)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def limits(settings: Settings, now: int) -> Limits:
    """What scoring refuses of payments that are sent from `now` on, in ms UTC."""
    return Limits(now + settings.scoring.future_ms, settings.kafka.max_payment_bytes)
