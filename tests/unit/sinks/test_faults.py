"""What a store's error is about, by its code: the message, the store, or either."""

from __future__ import annotations

from collections.abc import Sequence

import elasticsearch
import pytest
import redis
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from psycopg import errors
from psycopg.pq import DiagnosticField
from redis._parsers.base import BaseParser

from risk.engine.delivery import Unavailable, Written
from sinks.elasticsearch.bulk import outcome
from sinks.elasticsearch.erased import answered
from sinks.elasticsearch.faults import about_request
from sinks.postgres import halves
from sinks.postgres.faults import Fault, fault
from sinks.redis.client import fault as redis_fault
from sinks.redis.client import kind

POSTGRES: dict[Fault, str] = {
    # values, constraints, an index's row size, a trigger's RAISE, a view's check
    "content": "22001 22003 22007 22021 22P02 22P05 23502 23503 23505 23514 54000 P0001 44000",
    # the server's own failure, a trigger's in another language, what it can't do
    "doubtful": "XX000 0A000 38000 39000 P0004",
    # connections, locks, conflicts, resources, rights, another schema, read-only, damage
    "passing": "08000 08001 08003 08004 08006 08P01 57P01 57P02 57P03 57P04 57P05 57014 40001 40P01"
    " 55P03 53000 53100 53200 53300 53400 58000 58030 58P01 42501 42P01 42703 42804 42883 3F000"
    " 3D000 28P01 28000 25006 25P02 55000 XX001 XX002",
}


def internal(source: bytes, said: str) -> errors.InternalError_:
    """What Postgres calls an internal error, from a file of its source."""
    return errors.InternalError_(said, info={DiagnosticField.SOURCE_FILE: source})


@pytest.mark.parametrize(
    ("code", "wanted"),
    [(code, wanted) for wanted, codes in POSTGRES.items() for code in codes.split()],
)
def test_postgres(code: str, wanted: Fault) -> None:
    assert fault(errors.lookup(code)("said")) == wanted


def test_what_is_no_answer_of_postgres_passes() -> None:
    assert fault(ConnectionResetError()) == "passing"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        # As a server says it whose files may grow no further (`ulimit -f`), or are beyond a quota.
        (b"md.c", 'could not extend file "base/16384/17237": File too large'),
        (b"buffile.c", 'could not write to file "base/pgsql_tmp/pgsql_tmp19103.1"'),
        (b"fd.c", 'could not write to file "base/pgsql_tmp/1": Disk quota exceeded'),
    ],
)
def test_a_disk_that_is_full_in_another_way_passes(source: bytes, said: str) -> None:
    assert fault(internal(source, said)) == "passing"


def test_an_internal_error_elsewhere_may_be_about_the_row() -> None:
    assert fault(internal(b"pl_exec.c", "not this one")) == "doubtful"


def test_no_row_is_looked_for_where_the_disk_is_full() -> None:
    tries, closed = [], []

    def at_once(batch: Sequence[str]) -> Written:
        tries.append(len(batch))
        raise internal(b"md.c", "could not extend file")

    with pytest.raises(Unavailable, match="could not extend file"):
        halves.write(["a", "b", "c"], at_once, lambda: closed.append(True))
    assert (tries, closed) == ([3], [True])


@pytest.mark.parametrize(
    "said",
    [
        "OOM command not allowed when used memory > 'maxmemory'.",
        "MISCONF Errors writing to the AOF file",
        "READONLY You can't write against a read only replica.",
        "LOADING Redis is loading the dataset in memory",
        "NOPERM User risk has no permissions to run the 'evalsha' command",
        "MOVED 3999 127.0.0.1:6381",
        "CROSSSLOT Keys in request don't hash to the same slot",
        "unknown command 'EVALSHA', with args beginning with:",
        "ERR Error running script: OOM command not allowed",
        "OOM command not allowed when used memory > 'maxmemory'. script: on @user_script:1.",
        "MISCONF Errors writing to the AOF file: No space left on device",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "NOREPLICAS Not enough good replicas to write. script: on @user_script:1.",
        "BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
        "TRYAGAIN Multiple keys request during rehashing of slot",
        "CLUSTERDOWN Hash slot not served",
        "ASK 3999 127.0.0.1:6381",
        "REDIRECT 127.0.0.1:6381",
        "NOAUTH Authentication required.",
        "WRONGPASS invalid username-password pair or user is disabled.",
        "NOSCRIPT No matching script.",
        "DENIED Valkey is running in protected mode",
        "ERR max number of clients reached",
        # somebody ended a script that took long: it has written nothing
        "ERR Script killed by user with SCRIPT KILL. script: on @user_script:1.",
    ],
)
def test_what_redis_says_of_itself_passes(said: str) -> None:
    assert redis_fault(redis.ResponseError(said)) == "passing"
    parsed = BaseParser.parse_error(said)  # type: ignore[no-untyped-call]
    assert redis_fault(parsed) == "passing", "the driver takes codes that it knows away"


@pytest.mark.parametrize("said", ["upstream failure", "ERR proxy: no server", "no upstream host"])
def test_what_is_not_redis_own_is_in_doubt(said: str) -> None:
    assert redis_fault(redis.ResponseError(said)) == "doubtful"


@pytest.mark.parametrize(
    ("said", "alike"),
    [
        ("WRONGTYPE Operation against a key holding the wrong kind of value", "WRONGTYPE"),
        ("ERR Error running script: WRONGTYPE Operation against a key", "WRONGTYPE"),
        ("ERR value is not a valid float", "ResponseError"),
    ],
)
def test_what_redis_says_of_a_message_stays_and_is_told_by_its_code(said: str, alike: str) -> None:
    assert redis_fault(redis.ResponseError(said)) == "content"
    assert kind(redis.ResponseError(said)) == alike


@pytest.mark.parametrize(
    ("status", "error", "wanted"),
    [
        (201, "", "written"),
        (409, "version_conflict_engine_exception", "there"),
        (400, "document_parsing_exception", "refused"),
        (400, "illegal_argument_exception", "refused"),
        (400, "strict_dynamic_mapping_exception", "refused"),
        (400, "script_exception", "doubtful"),
        (400, "of_a_pipeline_nobody_knows", "doubtful"),
        (500, "fail_processor_exception", "doubtful"),
        (500, "illegal_argument_exception", "doubtful"),
        (500, "i_o_exception", "away"),
        (500, "already_closed_exception", "away"),
        (500, "translog_exception", "away"),
        (500, "node_closed_exception", "away"),
        (500, "node_not_connected_exception", "away"),
        (500, "no_longer_primary_shard_exception", "away"),
        (400, "task_cancelled_exception", "away"),
        (400, "index_closed_exception", "away"),
        (400, "validation_exception", "away"),
        (403, "cluster_block_exception", "away"),
        (404, "index_not_found_exception", "away"),
        (404, "shard_not_found_exception", "away"),
        (429, "cluster_block_exception", "busy"),
        (429, "es_rejected_execution_exception", "busy"),
        (429, "circuit_breaking_exception", "busy"),
        (502, "", "away"),
        (504, "", "away"),
        (503, "unavailable_shards_exception", "busy"),
    ],
)
def test_elasticsearch(status: int, error: str, wanted: str) -> None:
    found = outcome({"status": status, "error": {"type": error, "reason": "said"}})
    assert found.kind == wanted
    if wanted in ("refused", "doubtful"):
        assert found.error == error


def test_what_caused_an_error_says_that_the_disk_is_full() -> None:
    """As a node says it whose files may grow no further."""
    cause = {"type": "i_o_exception", "reason": "No space left on device"}
    error = {"type": "exception", "reason": "failed", "caused_by": cause}
    assert outcome({"status": 500, "error": error}).kind == "away"


def test_a_document_that_cannot_be_read_is_no_disk_that_is_full() -> None:
    cause = {"type": "i_o_exception", "reason": "unexpected end"}
    error = {"type": "document_parsing_exception", "reason": "failed", "caused_by": cause}
    assert outcome({"status": 400, "error": error}).kind == "refused"


def test_a_shard_that_holds_as_many_as_it_can_is_full() -> None:
    reason = "Number of documents in the shard cannot exceed [2147483519]; for more information"
    error = {"type": "illegal_argument_exception", "reason": reason}
    assert outcome({"status": 400, "error": error}).kind == "away"


@pytest.mark.parametrize(
    ("status", "body", "about"),
    [
        (400, {"error": {"type": "illegal_argument_exception", "reason": "said"}}, "refused"),
        (413, "<html>Request Entity Too Large</html>", "refused"),
        (400, {"error": {"type": "task_cancelled_exception", "reason": "said"}}, "away"),
        (400, "<html>Bad Request</html>", "doubtful"),
        (400, {"message": "no route"}, "doubtful"),
        (403, {"error": {"type": "cluster_block_exception", "reason": "said"}}, "away"),
        (404, "<html>default backend - 404</html>", "away"),
        (500, {"error": {"type": "i_o_exception", "reason": "said"}}, "away"),
        (502, "<html>Bad Gateway</html>", "away"),
        (503, {"error": {"type": "cluster_block_exception", "reason": "no master"}}, "away"),
        (504, "", "away"),
    ],
)
def test_a_whole_request(status: int, body: object, about: str) -> None:
    node = NodeConfig("http", "127.0.0.1", 9200)
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, node)
    assert about_request(elasticsearch.ApiError("said", meta, body)) == about


MISSING = {"error": {"type": "index_not_found_exception", "reason": "no such index"}, "status": 404}


@pytest.mark.parametrize("body", [{"found": False}, {"found": True, "_source": {}}, MISSING])
def test_the_list_of_erased_users_is_missing_if_elasticsearch_says_so(body: object) -> None:
    assert answered(body) == body


@pytest.mark.parametrize(
    "body", ["<html>default backend - 404</html>", {"message": "no route"}, ""]
)
def test_a_proxy_does_not_say_that_nobody_was_erased(body: object) -> None:
    with pytest.raises(Unavailable, match="a proxy"):
        answered(body)
