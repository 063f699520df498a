"""What both jobs set up alike."""

from __future__ import annotations

from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import StreamTableEnvironment


def environments() -> tuple[StreamExecutionEnvironment, StreamTableEnvironment]:
    """The DataStream and the Table environment of a job."""
    configuration = Configuration()
    configuration.set_string("execution.buffer-timeout.interval", "1 ms")
    # Without it every row that UNNEST makes would copy the whole batch that it came from.
    configuration.set_string("pipeline.object-reuse", "true")
    environment = StreamExecutionEnvironment.get_execution_environment(configuration)
    environment.set_parallelism(1)
    return environment, StreamTableEnvironment.create(environment)
