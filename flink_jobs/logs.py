"""How the Python of the jobs logs: as Flink does, among its lines, and found by run and payment."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from risk import logs
from risk.config.names import FLINK_PROCESS
from risk.config.privacy import Privacy
from risk.config.settings import Settings
from risk.engine.quoted import event_of, values_of_record, without
from risk.engine.stages.base import Raw

LEVEL = logging.WARNING
MOST_LINES = 10  # of a batch's dead letters
# Of the JVM's logger, by what a record has at least.
_SEVERITIES = ((logging.ERROR, "ERROR"), (logging.WARNING, "WARN"), (logging.INFO, "INFO"))


def log_to(settings: Settings, known: Mapping[str, str]) -> None:
    """Log as text by Flink's logger, as JSON to standard error, where Flink writes its own lines.

    A TaskManager has one job, so one run: `known` is of it. The same again takes its place.
    """
    root = logging.getLogger()
    quotes, writer = settings.privacy.logs == "clear", None
    for handler in root.handlers[:]:
        # Pemja's own shows what errors say, which may quote a payment.
        if type(handler).__name__ == "PythonLogHandler" or isinstance(handler, ToFlink):
            writer = handler.writer if isinstance(handler, ToFlink) else _writer_of(handler)
            root.removeHandler(handler)
    if settings.logging.format == "json" or writer is None:
        logs.set_up(settings, os.environ.get(FLINK_PROCESS, "taskmanager"), LEVEL, known)
        return
    logs.tear_down()
    root.addHandler(ToFlink(writer, quotes))
    root.setLevel(LEVEL)


def _writer_of(handler: logging.Handler) -> Any:
    """The JVM's logger as Pemja's handler has it; None: there is no JVM around this."""
    return getattr(handler, "_logger_writer", None)


class ToFlink(logging.Handler):
    """Logs by the JVM's logger, so that a line is in each of Flink's logs."""

    def __init__(self, writer: Any, quotes: bool) -> None:
        super().__init__(LEVEL)
        self.writer = writer
        self._quotes = quotes

    def emit(self, record: logging.LogRecord) -> None:
        """Log a line, and those of a traceback."""
        severity = next((said for least, said in _SEVERITIES if record.levelno >= least), "DEBUG")
        try:
            self.writer.log(record.name, severity, logs.text(record, self._quotes), None)
        except Exception:  # as any handler: what can't be logged stops nobody
            self.handleError(record)


def put_aside(
    log: logging.Logger,
    who: str,
    topic: str,
    raw: Raw,
    reason: str,
    message: str,
    privacy: Privacy,
) -> None:
    """Tell of a record that becomes a dead letter; its reason has what `privacy` lets logs have."""
    said = without(message, values_of_record(raw.key, raw.value), privacy)
    log.warning("%s: a message is put aside: %s: %s", who, reason, said, extra=place_of(topic, raw))


def place_of(topic: str, raw: Raw) -> dict[str, object]:
    """What a line about a record is found by."""
    return place(topic, raw.partition, raw.offset, event_of(raw.value))


def place(topic: str, partition: int, offset: int, event_id: str | None) -> dict[str, object]:
    """The same, where the payment is known."""
    found: dict[str, object] = {"topic": topic, "partition": partition, "offset": offset}
    return found if event_id is None else found | {"event": logs.event(event_id)}
