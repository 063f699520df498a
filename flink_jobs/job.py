"""What both jobs set up alike."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment

from flink_jobs.spread import MAX_PARALLELISM

_restored: ContextVar[str | None] = ContextVar("restored", default=None)


@contextlib.contextmanager
def restored_from(path: str | None) -> Iterator[None]:
    """Jobs that are built within go on from this checkpoint or savepoint, and own it from then on.

    `flink run --fromSavepoint` says the same for all jobs of a client.
    """
    token = _restored.set(path)
    try:
        yield
    finally:
        _restored.reset(token)


def environments(
    parallelism: int = 1,
) -> tuple[StreamExecutionEnvironment, StreamTableEnvironment]:
    """The DataStream and the Table environment of a job."""
    configuration = Configuration()
    configuration.set_string("execution.buffer-timeout.interval", "3 ms")
    # Without it every row that UNNEST makes would copy the whole batch that it came from.
    configuration.set_string("pipeline.object-reuse", "true")
    if path := _restored.get():
        configuration.set_string("execution.state-recovery.path", path)
        configuration.set_string("execution.state-recovery.claim-mode", "CLAIM")
    # What may be restored is checked by the uids, see savepoint.py. State of a key that no ruleset
    # looks at any more is left behind.
    configuration.set_string("execution.state-recovery.ignore-unclaimed-state", "true")
    environment = StreamExecutionEnvironment.get_execution_environment(configuration)
    environment.set_parallelism(parallelism)
    environment.set_max_parallelism(MAX_PARALLELISM)
    return environment, StreamTableEnvironment.create(environment)
