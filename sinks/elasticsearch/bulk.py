"""One bulk request, and what came of each of its items.

A document's version is the score's weight. One that isn't there, or weighs less, is written without
a look; where one is there that weighs as much, what it says decides: the same score once more, from
a redelivery or a replay, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import elasticsearch
import msgspec

from risk.engine.delivery import weight
from risk.engine.messages import MAX_REVISION, Score
from sinks.elasticsearch.document import document, document_id, index, same
from sinks.elasticsearch.faults import ABOUT_THE_DOCUMENT, is_away

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

REVISIONS: Final = MAX_REVISION + 1  # what each step of the weight counts above them


class Item(NamedTuple):
    """One document of a request, and where it is in the batch.

    `overwrite`: also write it over another of the same version.
    """

    at: int
    where: str  # the index
    id: str
    version: int
    source: bytes
    overwrite: bool = False

    @property
    def action(self) -> bytes:
        """Its action's line."""
        action = {
            "_index": self.where,
            "_id": self.id,
            "version": self.version,
            "version_type": "external_gte" if self.overwrite else "external",
        }
        return _encode({"index": action})

    @property
    def size(self) -> int:
        """Its bytes in the request."""
        return len(self.action) + len(self.source) + 2


class Outcome(NamedTuple):
    """`there`: one of this version or a higher is there. `busy`: there was no room for it now.

    `away`: the store can't take any such item now. `doubtful`: it failed on this item, which may be
    its own fault or the item's. `error` is Elasticsearch's name for what went wrong.
    """

    kind: Literal["written", "there", "older", "refused", "doubtful", "busy", "away"]
    reason: str = ""
    error: str = ""


def item(at: int, prefix: str, score: Score) -> Item:
    """The item of the batch's message at that index."""
    where = index(prefix, score.event_time)
    not_replayed, in_time, revision = weight(score)
    version = (2 * not_replayed + in_time) * REVISIONS + revision
    return Item(at, where, document_id(score), version, _encode(document(score)))


def compare(client: elasticsearch.Elasticsearch, items: Sequence[Item]) -> list[Outcome | None]:
    """What to do with items that found a document there: None: overwrite it.

    Raises the client's errors.
    """
    wanted = [{"_index": item.where, "_id": item.id} for item in items]
    found = client.mget(docs=wanted)["docs"]
    return [_against(item, stored) for item, stored in zip(items, found, strict=True)]


def _against(item: Item, stored: dict[str, Any]) -> Outcome | None:
    if not stored.get("found") or stored["_version"] < item.version:
        return None
    if stored["_version"] > item.version:
        return Outcome("older")
    return Outcome("written") if same(stored["_source"], _decode(item.source)) else None


def request(client: elasticsearch.Elasticsearch, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Send the items; one answer for each, in their order. Raises the client's errors."""
    # Bytes pass as they are, though the client's type says mappings.
    operations: list[Any] = [line for item in items for line in (item.action, item.source)]
    answer = client.bulk(
        operations=operations,
        filter_path=["items.*.status", "items.*.error"],
    )
    return [entry["index"] for entry in answer["items"]]


def outcome(answer: dict[str, Any]) -> Outcome:
    """What an item's answer means."""
    status: int = answer["status"]
    if status < 300:
        return Outcome("written")
    if status == 409:
        return Outcome("there")
    error = answer.get("error", {})
    kind = error.get("type", "")
    reason = f"{kind}: {error.get('reason', '')}"
    cause = error.get("caused_by", {}).get("reason")
    if cause:
        reason += f" ({cause})"
    if status in (429, 503):
        return Outcome("busy", reason)
    if is_away(error):
        return Outcome("away", reason, kind)
    if status == 400 and kind in ABOUT_THE_DOCUMENT:
        return Outcome("refused", reason, kind)
    if status in (400, 500):
        return Outcome("doubtful", reason, kind)  # such as a pipeline that fails on it
    return Outcome("away", reason, kind)
