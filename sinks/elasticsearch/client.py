"""The connection to Elasticsearch, and the index template."""

from __future__ import annotations

import json
import pkgutil
from typing import Any, Final

import elasticsearch
from elastic_transport import TransportError

from risk.settings import Settings

REQUEST_S: Final = 30.0
PASSING: Final = (TransportError, OSError)  # errors of the connection: it may work later


def _read() -> bytes:
    # Not open(): the code may be in a zip.
    text = pkgutil.get_data(__package__, "template.json")
    assert text is not None
    return text


_TEMPLATE: Final = _read()  # at once: a job outlives the folder that its code was unpacked in


def connect(settings: Settings) -> elasticsearch.Elasticsearch:
    """A client; it connects with the first request. It never repeats a request by itself."""
    where = settings.elasticsearch
    options: dict[str, Any] = {}
    if where.password is not None:
        options["basic_auth"] = (where.username or "elastic", where.password)
    if where.tls and where.ca_location is not None:
        options["ca_certs"] = where.ca_location
    return elasticsearch.Elasticsearch(
        where.url, request_timeout=REQUEST_S, max_retries=0, retry_on_timeout=False, **options
    )


def template() -> dict[str, Any]:
    """The template of the indices, without the pattern of their names."""
    found: dict[str, Any] = json.loads(_TEMPLATE)
    return found


def install(client: elasticsearch.Elasticsearch, settings: Settings) -> None:
    """Put the template, which new indices will have. Doing it again changes nothing."""
    prefix = settings.elasticsearch.index_prefix
    client.indices.put_index_template(name=prefix, index_patterns=[f"{prefix}-*"], **template())
