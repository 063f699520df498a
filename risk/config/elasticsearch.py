"""Elasticsearch's section."""

from __future__ import annotations

from risk.config.section import Section
from risk.config.types import Port, Positive


class Elasticsearch(Section, frozen=True):
    """Elasticsearch. `index_prefix-YYYY.MM` holds a month of event time."""

    host: str = "127.0.0.1"
    port: Port = 9200
    transport_port: Port = 9300
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_location: str | None = None
    index_prefix: str = "risk-scores"
    heap_mb: Positive = 512
    java_opts: str = ""  # more for the embedded node's JVM

    @property
    def url(self) -> str:
        """The HTTP address."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"
