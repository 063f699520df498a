"""Elasticsearch's section."""

from __future__ import annotations

from risk.config.section import Section
from risk.config.types import (
    Days,
    File,
    Host,
    IndexPrefix,
    Options,
    Port,
    Positive,
    Secret,
    Text,
    in_url,
)


class Elasticsearch(Section, frozen=True):
    """Elasticsearch. `index_prefix-YYYY.MM` holds a month of event time."""

    host: Host = "127.0.0.1"
    port: Port = 9200
    transport_port: Port = 9300
    username: Text | None = None
    password: Secret | None = None
    password_file: File | None = None  # read at each connection
    tls: bool = False
    ca_location: File | None = None
    allow_plaintext: bool = False  # a password, to another host than loopback
    retention_days: Days | None = None  # as Postgres'; whole months are deleted
    index_prefix: IndexPrefix = "risk-scores"
    heap_mb: Positive = 512
    java_opts: Options = ""  # more for the embedded node's JVM

    @property
    def url(self) -> str:
        """The HTTP address."""
        return f"{'https' if self.tls else 'http'}://{in_url(self.host)}:{self.port}"
