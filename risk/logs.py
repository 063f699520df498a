"""How the risk processes log: a line of text, or a JSON object a line."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import UTC, datetime
from typing import Final

from risk.config.settings import Settings
from risk.engine.payment.cards import redact_long

TEXT: Final = "%(asctime)s %(levelname)s %(message)s"
# What a line may be found by, where whoever logs it knows that (`extra`). `event` is hashed.
FIELDS: Final = ("run", "ruleset", "store", "event", "topic", "partition", "offset")


def set_up(settings: Settings, process: str, level: int = logging.WARNING) -> None:
    """Log to standard error, as `logging.format` says. The same again takes its place."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(handler)
    handler = _Handler()
    json_lines = settings.logging.format == "json"
    handler.setFormatter(JsonFormatter(process) if json_lines else logging.Formatter(TEXT))
    root.addHandler(handler)
    root.setLevel(level)


def event(event_id: str) -> str:
    """What a line has of a payment's id: the same for the same one, and not to be read back."""
    return hashlib.sha256(event_id.encode(errors="replace")).hexdigest()[:16]


class JsonFormatter(logging.Formatter):
    """A JSON object a line, without card numbers: what a message quotes may be anybody's text."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC)
        found: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": self._process,
            "message": redact_long(record.getMessage()),
        }
        found |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            found["error"] = redact_long(self.formatException(record.exc_info))
        return json.dumps(found, ensure_ascii=False, default=str)


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]  # it is generic in stubs alone
    """The one that `set_up` makes."""
