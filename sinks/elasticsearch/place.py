"""A second prefix of indices on the same cluster."""

from __future__ import annotations

from elasticsearch import ApiError
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.elasticsearch.client import PASSING, connect
from sinks.elasticsearch.erased import index_of


def apart(settings: Settings, name: str) -> Settings:
    """The settings with indices whose names begin so."""
    return replace(settings, elasticsearch=replace(settings.elasticsearch, index_prefix=name))


def make(settings: Settings, own: Settings) -> None:
    """Remove what is there: a writer makes its indices itself. Raises `Unavailable`."""
    remove(settings, own)


def remove(settings: Settings, own: Settings) -> None:
    """Delete the indices, their template and the list of erased users. Raises `Unavailable`."""
    prefix = own.elasticsearch.index_prefix
    try:
        with connect(own) as client:
            indices = list(client.indices.get(index=f"{prefix}-*", ignore_unavailable=True))
            if indices:
                client.indices.delete(index=indices)
            client.options(ignore_status=404).indices.delete_index_template(name=prefix)
            client.options(ignore_status=404).indices.delete(index=index_of(prefix))
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error
