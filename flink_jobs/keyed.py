"""A table of batches as a stream keyed by shard, without a detour through Python."""

from __future__ import annotations

from pyflink.common import Types
from pyflink.datastream import KeyedStream
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment, Table

ROW = Types.ROW_NAMED(["shard", "batch"], [Types.INT(), Types.STRING()])


def keyed_by_shard(tables: StreamTableEnvironment, batches: Table) -> KeyedStream:
    """Rows (shard INT, batch STRING) keyed by the shard; the operator gets the batch alone.

    `DataStream.key_by` would put a Python operator before the exchange only to make rows of (key,
    value), and so send each batch to Python twice. The rows that SQL makes have that form already.
    """
    # Not `to_data_stream`: the type that it gives its rows is none that keyed operators take.
    stream = tables.to_append_stream(batches, ROW)
    python = get_gateway().jvm.org.apache.flink.streaming.api.functions.python
    key_type = Types.ROW([Types.INT()]).get_java_type_info()
    keyed = stream._j_data_stream.keyBy(python.KeyByKeySelector(), key_type)
    return KeyedStream(keyed, Types.STRING(), stream)
