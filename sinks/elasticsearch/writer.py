"""Writes every score to Elasticsearch, by `_bulk`."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import elasticsearch
from elasticsearch import ApiError

from risk.config.settings import Settings
from risk.engine.delivery import Message, Refused, Unavailable, Written
from risk.engine.messages import Score
from sinks.elasticsearch.bulk import Item, Outcome, compare, item, outcome, request
from sinks.elasticsearch.client import PASSING, connect
from sinks.elasticsearch.document import document_id, index
from sinks.elasticsearch.erase import delete
from sinks.elasticsearch.erased import Known
from sinks.elasticsearch.faults import about_request
from sinks.elasticsearch.mapping import install

MAX_REQUEST_BYTES: Final = 5_000_000
WAITS_S: Final = (0.1, 0.2, 0.4)  # before trying again what Elasticsearch has no room for now


class ElasticsearchSink:
    """Elasticsearch's writer. Late messages are left out, uncounted.

    A score of a user that was erased is deleted where it would be written: an earlier try may have
    written it just before.
    """

    name = "elasticsearch"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: elasticsearch.Elasticsearch | None = None
        self._seen: set[str] = set()  # indices that this writer has written to
        self._known: Known | None = None

    def open(self) -> None:
        """Connect and put the index template. Raises `Unavailable`."""
        try:
            self._client = connect(self._settings)
            self._install()
            self._known = Known(self._client, self._settings.elasticsearch.index_prefix)
        except (ApiError, *PASSING) as error:
            raise Unavailable(f"elasticsearch: {error}") from error

    def _install(self) -> None:
        assert self._client is not None, "open() comes first"
        try:
            install(self._client, self._settings)
        except (ApiError, *PASSING) as error:
            raise Unavailable(f"elasticsearch: {error}") from error

    def close(self) -> None:
        """Disconnect."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def write(self, batch: Sequence[Message]) -> Written:
        """Write a batch. Raises `Unavailable`."""
        gone = self._erased(batch)
        rows: list[int] = []
        older: list[int] = []
        refused: list[Refused] = []
        doubtful: list[Refused] = []
        for part in self._parts(batch, gone):
            indices = {one.where for one in part}
            if not indices <= self._seen:  # this write may make them: after the template
                self._install()
                self._seen |= indices
            for one, result in self._settled(part):
                if result.kind == "written":
                    rows.append(one.at)
                elif result.kind == "older":
                    older.append(one.at)
                else:
                    which = doubtful if result.kind == "doubtful" else refused
                    which.append(Refused(one.at, result.reason, result.error))
        gone |= self._erased_since(batch)
        self._delete(batch, gone)
        return Written(
            sum(at not in gone for at in rows),
            sum(at not in gone for at in older),
            _but(refused, gone),
            _but(doubtful, gone),
            len(gone),
        )

    def _erased(self, batch: Sequence[Message]) -> set[int]:
        """Which scores of the batch are of users that were erased, as far as is known."""
        assert self._known is not None, "open() comes first"
        if self._known.list is None:
            return set()
        _, gone = self._known.list.split(batch)
        return {at for at in gone if isinstance(batch[at], Score)}

    def _erased_since(self, batch: Sequence[Message]) -> set[int]:
        """The same, if the list has changed while the batch was written."""
        assert self._known is not None, "open() comes first"
        try:
            return self._erased(batch) if self._known.changed() else set()
        except (ApiError, *PASSING) as error:
            raise Unavailable(f"elasticsearch: {error}") from error

    def _delete(self, batch: Sequence[Message], gone: Collection[int]) -> None:
        """See to it that none of these scores is there."""
        assert self._client is not None, "open() comes first"
        prefix = self._settings.elasticsearch.index_prefix
        scores = [one for at in gone if isinstance(one := batch[at], Score)]
        try:
            if scores:
                places = ((index(prefix, one.event_time), document_id(one)) for one in scores)
                delete(self._client, places)
        except (ApiError, *PASSING) as error:
            raise Unavailable(f"elasticsearch: {error}") from error

    def _parts(self, batch: Sequence[Message], gone: Collection[int]) -> Iterator[list[Item]]:
        """The batch, without those, as requests of a bounded size."""
        prefix = self._settings.elasticsearch.index_prefix
        part: list[Item] = []
        size = 0
        for at, message in enumerate(batch):
            if not isinstance(message, Score) or at in gone:
                continue
            one = item(at, prefix, message)
            if part and size + one.size > MAX_REQUEST_BYTES:
                yield part
                part, size = [], 0
            part.append(one)
            size += one.size
        if part:
            yield part

    def _settled(self, part: list[Item]) -> Iterator[tuple[Item, Outcome]]:
        """What came of each item, once those that there was no room for were tried again."""
        for wait in (*WAITS_S, None):
            again: list[Item] = []
            reason = ""
            for one, result in self._compared(part):
                if result.kind == "busy":
                    again.append(one)
                    reason = result.reason
                elif result.kind == "away":
                    raise Unavailable(f"elasticsearch: {result.reason}")
                else:
                    yield one, result
            if not again:
                return
            if wait is None:
                raise Unavailable(f"elasticsearch: {reason}")
            time.sleep(wait)
            part = again

    def _compared(self, part: list[Item]) -> Iterator[tuple[Item, Outcome]]:
        """What came of each item, once those whose document was there were compared with it."""
        assert self._client is not None, "open() comes first"
        newest: dict[str, Item] = {}  # of each document: it may be in the batch more than once
        for one, result in self._sent(part):
            if result.kind != "there":
                yield one, result
                continue
            if one.overwrite or (one.id in newest and newest[one.id].version > one.version):
                yield one, Outcome("older")
                continue
            if one.id in newest:
                yield newest[one.id], Outcome("older")
            newest[one.id] = one
        if not newest:
            return
        there = list(newest.values())
        try:
            answers = compare(self._client, there)
        except (ApiError, *PASSING) as error:
            raise Unavailable(f"elasticsearch: {error}") from error
        overwritten: list[Item] = []
        for one, answer in zip(there, answers, strict=True):
            if answer is None:
                overwritten.append(one._replace(overwrite=True))
            else:
                yield one, answer
        if overwritten:
            yield from self._compared(overwritten)

    def _sent(self, part: list[Item]) -> Iterator[tuple[Item, Outcome]]:
        assert self._client is not None, "open() comes first"
        try:
            answers = request(self._client, part)
        except ApiError as error:
            if error.status_code == 429:
                yield from ((one, Outcome("busy", str(error))) for one in part)
                return
            about = about_request(error)
            if about == "away":
                raise Unavailable(f"elasticsearch: {error}") from error
            if len(part) == 1:
                yield part[0], Outcome(about, str(error), f"HTTP {error.status_code}")
                return
            # One message can spoil the whole request, or it is too large: halve it.
            middle = len(part) // 2
            yield from self._sent(part[:middle])
            yield from self._sent(part[middle:])
            return
        except PASSING as error:
            raise Unavailable(f"elasticsearch: {error}") from error
        for one, answer in zip(part, answers, strict=True):
            yield one, outcome(answer)


def _but(found: Sequence[Refused], gone: Collection[int]) -> tuple[Refused, ...]:
    """These in order, without those at such places."""
    return tuple(sorted(one for one in found if one.at not in gone))
