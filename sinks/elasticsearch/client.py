"""The connection to Elasticsearch."""

from __future__ import annotations

from typing import Any, Final

import elasticsearch
from elastic_transport import TransportError

from risk.config.settings import Settings
from risk.secret_file import secret

REQUEST_S: Final = 30.0
PASSING: Final = (TransportError, OSError)  # errors of the connection: it may work later


def connect(settings: Settings) -> elasticsearch.Elasticsearch:
    """A client; it connects with the first request. It never repeats a request by itself."""
    where = settings.elasticsearch
    options: dict[str, Any] = {}
    password = secret(where.password, where.password_file)
    if password is not None:
        options["basic_auth"] = (where.username or "elastic", password)
    if where.tls and where.ca_location is not None:
        options["ca_certs"] = where.ca_location
    return elasticsearch.Elasticsearch(
        where.url, request_timeout=REQUEST_S, max_retries=0, retry_on_timeout=False, **options
    )
