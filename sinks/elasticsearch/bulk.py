"""One bulk request, and what came of each of its items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import elasticsearch

# Errors with status 400 that are about the document, and not about the index or the cluster.
_ABOUT_THE_DOCUMENT: Final = frozenset(
    {
        "action_request_validation_exception",
        "document_parsing_exception",
        "illegal_argument_exception",
        "mapper_parsing_exception",
        "strict_dynamic_mapping_exception",
    }
)


class Item(NamedTuple):
    """One document of a request: where it is in the batch, its action's line and its own."""

    at: int
    action: bytes
    source: bytes

    @property
    def size(self) -> int:
        """Its bytes in the request."""
        return len(self.action) + len(self.source) + 2


class Outcome(NamedTuple):
    """`busy`: there was no room for it now. `away`: the store can't take any such item now."""

    kind: Literal["written", "older", "refused", "busy", "away"]
    reason: str = ""


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
        return Outcome("older")
    error = answer.get("error", {})
    kind = error.get("type", "")
    reason = f"{kind}: {error.get('reason', '')}"
    cause = error.get("caused_by", {}).get("reason")
    if cause:
        reason += f" ({cause})"
    if status in (429, 503):
        return Outcome("busy", reason)
    if status == 400 and kind in _ABOUT_THE_DOCUMENT:
        return Outcome("refused", reason)
    return Outcome("away", reason)
