"""The section of Prometheus and of what it scrapes."""

from __future__ import annotations

from risk.config.section import Section
from risk.config.types import Host, Port, Positive, in_url


class Prometheus(Section, frozen=True):
    """Prometheus, which is optional, and what it scrapes: `risk exporter`, `risk generate`."""

    host: Host = "127.0.0.1"
    port: Port = 9090
    exporter_port: Port = 9260
    generator_port: Port = 9261
    retention_days: Positive = 7
    interval_s: Positive = 5

    @property
    def url(self) -> str:
        """The HTTP address."""
        return f"http://{in_url(self.host)}:{self.port}"
