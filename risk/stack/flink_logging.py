"""How Flink's processes log: as its own files say, or by the same levels a JSON object a line.

The members are those of `risk.logs.JsonFormatter`, by which the Python of the jobs logs.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from risk.config.names import FLINK_PROCESS

TEMPLATE: Final = "log-line.json"
_LINE: Final[dict[str, Any]] = {
    "time": {
        "$resolver": "timestamp",
        "pattern": {"format": "yyyy-MM-dd'T'HH:mm:ss.SSSxxx", "timeZone": "UTC"},
    },
    # Python's names of the levels: one search finds both.
    "level": {"$resolver": "pattern", "pattern": "%level{WARN=WARNING,FATAL=CRITICAL}"},
    "logger": {"$resolver": "logger", "field": "name"},
    "process": f"${{env:{FLINK_PROCESS}:-flink}}",
    "thread": {"$resolver": "thread", "field": "name"},
    "job": {"$resolver": "mdc", "key": "flink-job-id"},
    "message": {"$resolver": "message", "stringified": True},
    "error": {
        "$resolver": "exception",
        "field": "stackTrace",
        "stackTrace": {"stringified": True},
    },
}
_LAYOUT: Final = re.compile(
    r"^(appender\.\w+\.layout)\.type = PatternLayout\n\1\.pattern = .*$", re.MULTILINE
)


def template() -> str:
    """What a line has; what an event doesn't have is left out."""
    return json.dumps(_LINE, indent=1)


def as_json(properties: str, template_file: Path) -> str:
    """A file of log4j's settings with the layout of each of its appenders replaced.

    A message of more than 16 KB is cut there.
    """
    layout = (
        r"\1.type = JsonTemplateLayout\n"
        rf"\1.eventTemplateUri = {template_file.absolute().as_uri()}\n"
        r"\1.locationInfoEnabled = false"
    )
    return _LAYOUT.sub(layout, properties)
