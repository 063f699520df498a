"""The edge that reads Kafka, in SQL: only there do records have keys, offsets and timestamps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flink_jobs.connector import client, literal, with_options
from flink_jobs.lines import FIELD, LEFT_OUT, NULL, RECORD, THEIRS
from risk.config.settings import Settings
from risk.kafka.client import ISOLATION

FETCH_BYTES = 65_536  # a broker that has so much for a consumer answers it at once
DISCOVERY = "10 s"  # new partitions are looked for so often, and read from their first record
MOST_FETCHED = 16_777_216  # of one broker, at once: however many partitions it has
# Of one partition, at once. A fetch is read to its end before the next partition's, and what the
# others brought of later times is corrected then: so of a backlog each has about a second by turns.
ABREAST_BYTES = 16_384
FETCH_WAIT_MS = 500  # and after so long in any case: Kafka's default, well below its timeouts


@dataclass(frozen=True)
class Start:
    """Where a source starts: `mode` and its options as the Kafka connector names them."""

    mode: str = "group-offsets"
    options: Mapping[str, str] | None = None

    @classmethod
    def at(cls, offsets: Mapping[int, int]) -> Start:
        """At these offsets, by partition."""
        text = ";".join(f"partition:{p},offset:{offset}" for p, offset in offsets.items())
        return cls("specific-offsets", {"scan.startup.specific-offsets": text})


def source(
    name: str,
    settings: Settings,
    topics: str,
    group: str,
    start: Start,
    *,
    watermark: bool,
    batch_ms: int,
) -> str:
    """A table of raw records of one or more topics (separated by `;`), with all their metadata.

    Key and value are called strings, but hold the very bytes, whatever they are: SQL has no length
    and no SHA-256 of BYTES, and a cast to these leaves strings as they are.

    With `watermark` the event time drives Flink's watermark, per partition. One that can't be
    read, or is too far ahead of the broker's time, doesn't move it. `batch_ms` is for how long
    records will be gathered: they are fetched twice in that time, and not one by one.
    """
    options = {
        "connector": "kafka",
        "topic": topics,
        "properties.group.id": group,
        "properties.auto.offset.reset": "earliest",
        "properties.isolation.level": ISOLATION,  # Kafka's own default is another
        "scan.startup.mode": start.mode,
        "scan.topic-partition-discovery.interval": DISCOVERY,
        "properties.fetch.min.bytes": str(FETCH_BYTES),
        "properties.fetch.max.bytes": str(MOST_FETCHED),
        "properties.fetch.max.wait.ms": str(min(max(1, batch_ms // 2), FETCH_WAIT_MS)),
        "key.format": "raw",
        "key.fields": "k",
        "value.format": "raw",
        "value.fields-include": "EXCEPT_KEY",
        **(start.options or {}),
        **client(settings.kafka),
    }
    scoring = settings.scoring
    event_time = f"""
      event_time AS TO_TIMESTAMP_LTZ(CASE
        WHEN {_EVENT_TIME} <= {_MILLIS} + {scoring.future_ms} THEN {_EVENT_TIME} ELSE 0 END, 3),
      WATERMARK FOR event_time
        AS event_time - INTERVAL '{scoring.lateness_ms / 1000:.3f}' SECOND,"""
    if watermark:
        options["scan.watermark.idle-timeout"] = f"{scoring.idle_ms} ms"
        options["properties.max.partition.fetch.bytes"] = str(ABREAST_BYTES)
    return f"""CREATE TABLE {name} (
      k STRING,
      v STRING,
      topic STRING METADATA VIRTUAL,
      `partition` INT METADATA VIRTUAL,
      `offset` BIGINT METADATA VIRTUAL,
      ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
      clock STRING METADATA FROM 'timestamp-type' VIRTUAL,
      {event_time if watermark else ""}
      arrival AS PROCTIME()
    ) WITH ({with_options(options)})"""


_MILLIS = (
    "(1000 * CAST(TIMESTAMPDIFF(SECOND, TO_TIMESTAMP_LTZ(0, 3), ts) AS BIGINT)"
    " + EXTRACT(MILLISECOND FROM ts))"
)
# By a pattern, not by parsing the JSON: this is for Flink's watermark alone, which is shown and
# decides nothing, and it is asked for more than once a record.
_EVENT_TIME = (
    "COALESCE(TRY_CAST(REGEXP_EXTRACT("
    "v, '\"event_time\"[ ]*:[ ]*([0-9]{1,15})', 1) AS BIGINT), CAST(0 AS BIGINT))"
)


def lines(table: str, most_bytes: int, keys: Sequence[int] = (0,), sourced: bool = False) -> str:
    """The table's records as (shard, line of `lines.raws`, or if `sourced` of that, arrival).

    The shard is the partition's, so a partition's records stay in the order in which they are read.
    `keys` has Flink's key of each shard. A key or value of more than `most_bytes` goes no further:
    in its place are its size and its SHA-256. So nothing large is ever gathered, and a batch is no
    larger than what the source reads in a batch's time, at some hundred MB/s, of records so large
    at most. Unless `sourced`, a time that isn't the broker's is marked.
    """
    fields = [
        *(["topic"] if sourced else []),
        "CAST(`partition` AS STRING)",
        "CAST(`offset` AS STRING)",
        f"CAST({_MILLIS} AS STRING)" if sourced else _appended(),
        _bounded("k", most_bytes),
        _bounded("v", most_bytes),
    ]
    line = f"CONCAT_WS({literal(FIELD)}, {', '.join(fields)})"
    place = f"MOD(`partition`, {len(keys)})"
    cases = " ".join(f"WHEN {shard} THEN {key}" for shard, key in enumerate(keys))
    shard = f"CASE {place} {cases} ELSE {keys[0]} END" if len(keys) > 1 else f"{place} + {keys[0]}"
    return f"SELECT {shard} AS shard, {line} AS line, arrival FROM {table}"


def woken(view: str, keys: Sequence[int]) -> str:
    """The view's lines, and before them an empty one for each shard.

    An operator learns of a shard with the first element for it, and only then tells the next one
    how far it is: that must not wait for the first payment of one of the shard's partitions.
    """
    rows = ", ".join(f"({key})" for key in keys)
    empty = f"SELECT shard, CAST('' AS STRING), PROCTIME() FROM (VALUES {rows}) AS woken (shard)"
    return f"SELECT shard, line, arrival FROM {view} UNION ALL {empty}"


def _appended() -> str:
    """When the record came, in ms, marked if its producer says so and not the broker."""
    millis = f"CAST({_MILLIS} AS STRING)"
    return f"""CASE
        WHEN clock = 'LogAppendTime' THEN {millis}
        ELSE CONCAT({literal(THEIRS)}, {millis}) END"""


def _bounded(column: str, most_bytes: int) -> str:
    """The column's bytes as ISO-8859-1, unless they are too many.

    A character has at most four bytes, so of nearly all records the cheap count says enough.
    """
    text = f"DECODE(CAST({column} AS BYTES), 'ISO-8859-1')"
    size = f"CHAR_LENGTH({text})"
    return f"""CASE
        WHEN {column} IS NULL THEN {literal(NULL)}
        WHEN CHAR_LENGTH({column}) > {most_bytes // 4} AND {size} > {most_bytes}
          THEN CONCAT({literal(LEFT_OUT)}, CAST({size} AS STRING), ':', SHA256({column}))
        ELSE {text} END"""


def batches(view: str, batch_ms: int, separator: str = RECORD) -> str:
    """Each shard's lines of `batch_ms`, gathered by the JVM into one row (shard, batch)."""
    return f"""
      SELECT shard, ARRAY_JOIN(ARRAY_AGG(line), {literal(separator)}) AS batch
      FROM TABLE(TUMBLE(TABLE {view}, DESCRIPTOR(arrival), INTERVAL '{batch_ms / 1000:.3f}' SECOND))
      GROUP BY shard, window_start, window_end"""


def parcels(outputs: str) -> str:
    """The view's parcels as (shard, line, arrival), to be gathered again."""
    text = "DECODE(lines, 'UTF-8')"
    return f"SELECT shard, {text} AS line, arrival FROM {outputs} WHERE kind = 'parcel'"
