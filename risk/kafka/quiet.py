"""Kafka clients that keep connection failures out of the terminal."""

from __future__ import annotations

import logging
from typing import Any

_logger = logging.Logger("risk.stack.kafka")  # detached from the root: shows nothing
_logger.addHandler(logging.NullHandler())

SILENT: dict[str, Any] = {"logger": _logger}
