"""One dead letter, found and shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from confluent_kafka import Message
from rich.console import Console
from rich.text import Text

from risk.audit.moments import shown
from risk.cli import tables
from risk.cli.dead_letters import dump
from risk.cli.tables import Column, Table
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.scan import read_all, read_at
from risk.ops.dead_letters.letter import letter

_PLACE = re.compile(r"(?:([\w.-]+):)?(\d{1,9}):(\d{1,18})", re.ASCII)


def read_letter(settings: Settings, text: str) -> Message | None:
    """The dead letter at `PARTITION:OFFSET`; with a topic before it, that of the record there.

    None if there is none. Raises `UserError`.
    """
    found = _PLACE.fullmatch(text)
    if not found:
        raise UserError(f"{text}: use PARTITION:OFFSET of risk.dlq, or TOPIC:PARTITION:OFFSET")
    dlq = settings.topics.dlq
    place = int(found[2]), int(found[3])
    if found[1] in (None, dlq):
        messages: Iterator[Message] = read_at(settings, dlq, [place])
        return next((one for one in messages if letter(one)), None)
    for message in read_all(settings, dlq):
        one = letter(message)
        if one and one.source == (found[1], *place):
            return message
    return None


def print_letter(console: Console, message: Message, most: int) -> None:
    """Its place and headers as a table, then `most` bytes of its key and of its value."""
    table = Table("header", Column("value", wrap=True, least=20))
    table.row("place", f"{message.topic()}:{message.partition()}:{message.offset()}")
    table.row("time, UTC", shown(message.timestamp()[1]))
    for name, value in message.headers() or ():
        table.row(name, "" if value is None else value.decode(errors="backslashreplace"))
    tables.show(console, table)
    for name, raw in (("key", message.key()), ("value", message.value())):
        size = "none" if raw is None else f"{len(raw):,} bytes"
        console.print(Text(f"{name}: {size}"))
        for line in dump.lines(raw or b"", most) if raw else ():
            console.print(Text(line))
