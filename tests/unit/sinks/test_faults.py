"""What a store's error is about, by its code: the message, the store, or either."""

from __future__ import annotations

import pytest
import redis
from psycopg import errors

from sinks.elasticsearch.bulk import outcome
from sinks.postgres.faults import Fault, fault
from sinks.redis.client import kind, passes

POSTGRES: dict[Fault, str] = {
    # values, constraints, an index's row size, a trigger's RAISE, a view's check
    "content": "22001 22003 22007 22021 22P02 22P05 23502 23503 23505 23514 54000 P0001 44000",
    # the server's own failure, a trigger's in another language, what it can't do
    "doubtful": "XX000 0A000 38000 39000 P0004",
    # connections, locks, conflicts, resources, rights, another schema, read-only, damage
    "passing": "08000 08006 57P01 57P02 57P03 57014 40001 40P01 55P03 53100 53200 53300 53400 58030"
    " 42501 42P01 42703 42804 42883 3F000 3D000 28P01 25006 XX001 XX002",
}


@pytest.mark.parametrize(
    ("code", "wanted"),
    [(code, wanted) for wanted, codes in POSTGRES.items() for code in codes.split()],
)
def test_postgres(code: str, wanted: Fault) -> None:
    assert fault(errors.lookup(code)("said")) == wanted


def test_what_is_no_answer_of_postgres_passes() -> None:
    assert fault(ConnectionResetError()) == "passing"


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
    ],
)
def test_what_redis_says_of_itself_passes(said: str) -> None:
    assert passes(redis.ResponseError(said))


@pytest.mark.parametrize(
    ("said", "alike"),
    [
        ("WRONGTYPE Operation against a key holding the wrong kind of value", "WRONGTYPE"),
        ("ERR Error running script: WRONGTYPE Operation against a key", "WRONGTYPE"),
        ("ERR value is not a valid float", "ResponseError"),
    ],
)
def test_what_redis_says_of_a_message_stays_and_is_told_by_its_code(said: str, alike: str) -> None:
    assert not passes(redis.ResponseError(said))
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
        (400, "index_closed_exception", "away"),
        (400, "validation_exception", "away"),
        (403, "cluster_block_exception", "away"),
        (404, "index_not_found_exception", "away"),
        (429, "es_rejected_execution_exception", "busy"),
        (503, "unavailable_shards_exception", "busy"),
    ],
)
def test_elasticsearch(status: int, error: str, wanted: str) -> None:
    found = outcome({"status": status, "error": {"type": error, "reason": "said"}})
    assert found.kind == wanted
    if wanted in ("refused", "doubtful"):
        assert found.error == error
