"""A dead letter by its headers, which anybody may have written to risk.dlq."""

from __future__ import annotations

from typing import Any

from risk.ops.dead_letters.letter import letter, note, provenance, resent
from tests.fuzz.target import Target


class Record:
    """A record as the client gives it: headers that a line each has, and a value."""

    def __init__(self, data: bytes) -> None:
        head, _, value = data.partition(b"\n\n")
        self._value = value or None
        self._headers: list[tuple[str, bytes | None]] = []
        for line in head.split(b"\n"):
            name, sign, text = line.partition(b"=")
            self._headers.append((name.decode(errors="replace"), text if sign else None))

    def headers(self) -> list[tuple[str, bytes | None]]:
        return self._headers

    def value(self) -> bytes | None:
        return self._value

    def key(self) -> bytes | None:
        return None

    def topic(self) -> str:
        return "risk.dlq"

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 7

    def timestamp(self) -> tuple[int, int]:
        return 2, 1_740_830_400_000


def once(data: bytes) -> None:
    """Whatever the headers are, it is a letter or a note."""
    record: Any = Record(data)
    found = letter(record)
    place = resent(record)
    if found is not None and found.source is not None:
        note(found.source)
        provenance(found.source)
    str(place)


CONNECT = "__connect.errors."
SEEDS = (
    (
        f"{CONNECT}topic=risk.transactions\n{CONNECT}partition=3\n{CONNECT}offset=17\n"
        f"{CONNECT}stage=ingest\n{CONNECT}exception.class.name=not_json\n"
        f"{CONNECT}exception.message=not JSON\nrisk.value.size=100\n\n{{"
    ).encode(),
    b"risk.resent.topic=risk.transactions\nrisk.resent.partition=0\nrisk.resent.offset=1\n\n",
)
WORDS = (
    *(f"{CONNECT}{name}=" for name in ("topic", "partition", "offset", "stage")),
    *(
        "risk.resent.topic=",
        "risk.key.size=",
        "risk.value.size",
        "\u0663",
        "1" * 5_000,
        "-1",
        "1_0",
    ),
)
TARGET = Target("letter", once, (), SEEDS, WORDS)
