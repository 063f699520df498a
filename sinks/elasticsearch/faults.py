"""Which of Elasticsearch's errors are about a document, and which about index or cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from elasticsearch import ApiError

# With status 400 about the document, and not about the index or the cluster.
ABOUT_THE_DOCUMENT: Final = frozenset(
    {
        "action_request_validation_exception",
        "document_parsing_exception",
        "illegal_argument_exception",
        "mapper_parsing_exception",
        "strict_dynamic_mapping_exception",
    }
)
# About the index or the cluster, whatever the document.
_ABOUT_THE_INDEX: Final = frozenset(
    {
        "index_closed_exception",
        "invalid_index_name_exception",
        "invalid_index_template_exception",
        "validation_exception",  # no more shards than the cluster may have
    }
)
# About a node that fails, or is on its way: most of them come with status 500, as does what a
# pipeline makes of a document. What has a status that says so, such as 429 or 503, isn't here.
_ABOUT_THE_NODE: Final = frozenset(
    {
        # its disk: full, beyond a quota, damaged or gone
        *("i_o_exception", "file_system_exception", "no_such_file_exception"),
        *("translog_exception", "translog_corrupted_exception", "truncated_translog_exception"),
        *("corrupt_index_exception", "lock_obtain_failed_exception"),
        *(
            "shard_lock_obtain_failed_exception",
            "circuit_breaking_exception",
            "out_of_memory_error",
        ),
        # a shard whose engine failed of that, or that another node takes over
        *("already_closed_exception", "engine_exception", "engine_creation_failure_exception"),
        *("flush_failed_engine_exception", "refresh_failed_engine_exception"),
        *("recovery_engine_exception", "no_longer_primary_shard_exception"),
        *("retry_on_primary_exception", "retry_on_replica_exception"),
        *("shard_not_in_primary_mode_exception", "primary_missing_action_exception"),
        # a node that leaves or can't be reached, a master that is elected
        *("node_closed_exception", "node_disconnected_exception", "node_not_connected_exception"),
        *("connect_transport_exception", "send_request_transport_exception"),
        *("receive_timeout_transport_exception", "response_handler_failure_transport_exception"),
        *("transport_exception", "transport_not_ready_exception", "closed_channel_exception"),
        *("action_not_found_transport_exception", "node_health_check_failure_exception"),
        *("not_master_exception", "master_not_discovered_exception"),
        *("coordination_state_rejected_exception", "failed_to_commit_cluster_state_exception"),
        *("process_cluster_event_timeout_exception", "timeout_exception"),
        *("cluster_block_exception", "es_rejected_execution_exception", "interrupted_exception"),
        "task_cancelled_exception",  # with status 400
    }
)
# Of a shard that is full: an argument that is illegal, as if it were the document.
_FULL: Final = "number of documents in the shard cannot exceed"


def is_away(error: Mapping[str, Any]) -> bool:
    """Whether an item's error, or what caused it, is the index's or the cluster's, and not its own.

    Then the same item may be taken another time.
    """
    if _FULL in str(error.get("reason", "")).lower():
        return True
    if error.get("type") in ABOUT_THE_DOCUMENT:
        return False
    return any(kind in _ABOUT_THE_INDEX | _ABOUT_THE_NODE for kind in _kinds(error))


def about_request(error: ApiError) -> Literal["refused", "doubtful", "away"]:
    """What a whole request's error is about, if there is one item in it.

    A proxy before the cluster, too, says that a request is a bad one: it may be of another mind
    once the cluster is back.
    """
    if error.status_code == 413:
        return "refused"  # it is too large, whoever says so
    if error.status_code != 400:
        return "away"
    body: Any = error.body
    said = body.get("error") if isinstance(body, dict) else None
    if not isinstance(said, dict) or "type" not in said:
        return "doubtful"
    return "away" if is_away(said) else "refused"


def _kinds(error: Mapping[str, Any] | None) -> Iterator[str]:
    """Its own, then its causes'."""
    while error:
        yield error.get("type", "")
        error = error.get("caused_by")
