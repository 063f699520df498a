"""The list of erased users in Elasticsearch: one document in an index of its own.

Nothing there is done with two documents at once: a writer reads the list again after each request,
and removes what it has just written of a user that was erased meanwhile.
"""

from __future__ import annotations

from typing import Any, Final

import elasticsearch
from elasticsearch import ApiError

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.erasure import Erased
from sinks.elasticsearch.client import PASSING, connect

_ID: Final = "list"
_TRIES: Final = 5  # where two add to it at once
_CONFLICT: Final = 409


def index_of(prefix: str) -> str:
    """The index of the list: no search of scores looks at it, and no rebuild deletes it."""
    return f"erased-{prefix}"


class Known:
    """What a client knows of the list."""

    def __init__(self, client: elasticsearch.Elasticsearch, prefix: str) -> None:
        """Reads it. Raises `Unavailable` and the client's errors."""
        self._client, self._index = client, index_of(prefix)
        self.list: Erased | None = None
        self.at: tuple[int, int] | None = None  # primary term and number of its last change
        self._read()

    def changed(self) -> bool:
        """Whether it has changed since; then it was read again.

        Raises `Unavailable` and the client's errors.
        """
        if _place(self._get(source=False)) == self.at:
            return False
        self._read()
        return True

    def _read(self) -> None:
        answer = self._get(source=True)
        self.at = _place(answer)
        self.list = _list(answer["_source"]) if self.at else None

    def _get(self, source: bool) -> dict[str, Any]:
        there = self._client.options(ignore_status=404)
        return answered(there.get(index=self._index, id=_ID, source=source).body)


def erased(settings: Settings) -> Erased | None:
    """The whole list; None: there is none. Raises `Unavailable`."""
    try:
        with connect(settings) as client:
            return Known(client, settings.elasticsearch.index_prefix).list
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error


def add_erased(settings: Settings, erased: Erased) -> None:
    """Add to the list; one of another salt is replaced. Raises `Unavailable`."""
    prefix = settings.elasticsearch.index_prefix
    try:
        with connect(settings) as client:
            _make(client, prefix)
            for left in reversed(range(_TRIES)):
                known = Known(client, prefix)
                found = known.list
                if found is None or found.salt != erased.salt:
                    found = Erased(erased.salt)
                for user_hash, upto in erased.users.items():
                    found = found.added(user_hash, upto)
                try:
                    return _put(client, prefix, found, known)
                except ApiError as error:
                    if error.status_code != _CONFLICT or not left:
                        raise
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error


def _make(client: elasticsearch.Elasticsearch, prefix: str) -> None:
    name = index_of(prefix)
    if not client.indices.exists(index=name):
        client.options(ignore_status=400).indices.create(  # another may have made it meanwhile
            index=name,
            mappings={"dynamic": False},
            settings={"hidden": True, "number_of_shards": 1, "auto_expand_replicas": "0-1"},
        )


def _put(client: elasticsearch.Elasticsearch, prefix: str, found: Erased, known: Known) -> None:
    """Write it, unless it has changed since it was read: then the status is that of a conflict."""
    where: dict[str, Any] = {"index": index_of(prefix), "id": _ID}
    document = {"salt": found.salt.hex(), "users": found.users}
    if known.at is None:
        client.create(**where, document=document)
        return
    term, number = known.at
    client.index(**where, if_primary_term=term, if_seq_no=number, document=document)


def answered(body: Any) -> dict[str, Any]:
    """The document, or that there is none, in Elasticsearch's own words. Raises `Unavailable`.

    A proxy that has lost its cluster says 404, too: to it the list would be one of nobody.
    """
    if isinstance(body, dict):
        error = body.get("error")
        missing = isinstance(error, dict) and error.get("type") == "index_not_found_exception"
        if missing or "found" in body:
            return body
    raise Unavailable("elasticsearch: it is not Elasticsearch that answers: a proxy's 404")


def _place(answer: dict[str, Any]) -> tuple[int, int] | None:
    if not answer.get("found"):
        return None
    return answer["_primary_term"], answer["_seq_no"]


def _list(source: dict[str, Any]) -> Erased:
    return Erased(bytes.fromhex(source["salt"]), source["users"])
