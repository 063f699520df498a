"""The section of Prometheus and of what it scrapes."""

from __future__ import annotations

from typing import Annotated

import msgspec

from risk.config.section import Section
from risk.config.types import MOST, Host, Port, Positive, in_url


class Prometheus(Section, frozen=True):
    """Prometheus, which is optional, and what it scrapes: `risk exporter`, `risk generate`."""

    host: Host = "127.0.0.1"
    port: Port = 9090
    exporter_port: Port = 9260
    generator_port: Port = 9261
    retention_days: Positive = 7
    interval_s: Positive = 5
    # How often the exporter looks for drift, from samples that it reads from Postgres; 0: never.
    drift_interval_s: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = 900

    @property
    def url(self) -> str:
        """The HTTP address."""
        return f"http://{in_url(self.host)}:{self.port}"
