"""The logs' section."""

from __future__ import annotations

from typing import Literal

from risk.config.section import Section


class Logging(Section, frozen=True):
    """Of the console, the API, the intake of cases, the exporter, and Flink with the jobs."""

    format: Literal["text", "json"] = "text"
