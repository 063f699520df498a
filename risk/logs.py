"""How the risk processes log: a line of text, or a JSON object a line."""

from __future__ import annotations

import hashlib
import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from risk.config.settings import Settings
from risk.engine.payment.redaction import redact_long

TEXT: Final = "%(asctime)s %(levelname)s %(message)s"
# What a line may be found by, where whoever logs it knows that (`extra`). `event` is hashed.
FIELDS: Final = ("run", "ruleset", "store", "event", "topic", "partition", "offset")
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def set_up(
    settings: Settings,
    process: str,
    level: int = logging.WARNING,
    known: Mapping[str, str] = NOTHING,
) -> None:
    """Log to standard error, as `logging.format` says. The same again takes its place.

    `known` are fields of each line: the run of a job.
    """
    tear_down()
    root = logging.getLogger()
    handler = _Handler()
    json_lines = settings.logging.format == "json"
    quotes = settings.privacy.logs == "clear"
    handler.setFormatter(
        JsonFormatter(process, known, quotes) if json_lines else TextFormatter(quotes)
    )
    root.addHandler(handler)
    root.setLevel(level)


def tear_down() -> None:
    """Log to standard error no more."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(handler)


def event(event_id: str) -> str:
    """What a line has of a payment's id: the same for the same one, and not to be read back."""
    return hashlib.sha256(event_id.encode(errors="replace")).hexdigest()[:16]


class TextFormatter(logging.Formatter):
    """A line of text, without card numbers. `quotes`: errors are told with what they say."""

    def __init__(self, quotes: bool = False) -> None:
        super().__init__(TEXT)
        self._quotes = quotes

    def format(self, record: logging.LogRecord) -> str:
        """The line, and those of a traceback."""
        return f"{self.formatTime(record)} {record.levelname} {text(record, self._quotes)}"


class JsonFormatter(logging.Formatter):
    """A JSON object a line, without card numbers: what a message quotes may be anybody's text."""

    def __init__(
        self, process: str, known: Mapping[str, str] = NOTHING, quotes: bool = False
    ) -> None:
        super().__init__()
        self._process = process
        self._known = dict(known)
        self._quotes = quotes

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC)
        found: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": self._process,
            "message": message(record),
        }
        found |= fields(record, self._known, self._quotes)
        return json.dumps(found, ensure_ascii=False, default=str)


def message(record: logging.LogRecord) -> str:
    """What it says, without card numbers."""
    return redact_long(record.getMessage())


def fields(record: logging.LogRecord, known: Mapping[str, str], quotes: bool) -> dict[str, object]:
    """What it is found by, and `error` with a traceback."""
    found: dict[str, object] = dict(known)
    found |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
    error = record.exc_info[1] if record.exc_info else None
    return found if error is None else found | {"error": _told(error, quotes)}


def text(record: logging.LogRecord, quotes: bool) -> str:
    """What it says as text, maybe with the lines of a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    return message(record) if error is None else f"{message(record)}\n{_told(error, quotes)}"


def _told(error: BaseException, quotes: bool) -> str:
    """A traceback. What an error says may quote a payment: it is left out unless `quotes`."""
    if quotes:
        return redact_long("".join(traceback.format_exception(error)).rstrip("\n"))
    parts: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        frames = "".join(traceback.format_tb(at.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{_name(at)}")
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n\nbecause of\n\n".join(parts)


def _name(error: BaseException) -> str:
    name, module = type(error).__qualname__, type(error).__module__
    return name if module == "builtins" else f"{module}.{name}"


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]  # it is generic in stubs alone
    """The one that `set_up` makes."""
