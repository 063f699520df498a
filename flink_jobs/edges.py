"""The Kafka edges, in SQL: only there do records have keys, offsets, timestamps and headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flink_jobs.lines import FIELD, JSON_KEY, JSON_RECORD, NULL, RECORD
from risk.settings import ENV_PREFIX, Kafka, Settings

FETCH_BYTES = 65_536  # a broker that has so much for a consumer answers it at once
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

    With `watermark` the event time drives Flink's watermark, per partition. One that can't be
    read, or is too far ahead of the broker's time, doesn't move it. `batch_ms` is for how long
    records will be gathered: they are fetched twice in that time, and not one by one.
    """
    options = {
        "connector": "kafka",
        "topic": topics,
        "properties.group.id": group,
        "properties.auto.offset.reset": "earliest",
        "scan.startup.mode": start.mode,
        "scan.topic-partition-discovery.interval": "0",
        "properties.fetch.min.bytes": str(FETCH_BYTES),
        "properties.fetch.max.wait.ms": str(min(max(1, batch_ms // 2), FETCH_WAIT_MS)),
        "key.format": "raw",
        "key.fields": "k",
        "value.format": "raw",
        "value.fields-include": "EXCEPT_KEY",
        **(start.options or {}),
        **_client(settings.kafka),
    }
    scoring = settings.scoring
    event_time = f"""
      event_time AS TO_TIMESTAMP_LTZ(CASE
        WHEN {_EVENT_TIME} <= {_MILLIS} + {scoring.future_ms} THEN {_EVENT_TIME} ELSE 0 END, 3),
      WATERMARK FOR event_time
        AS event_time - INTERVAL '{scoring.lateness_ms / 1000:.3f}' SECOND,"""
    if watermark:
        options["scan.watermark.idle-timeout"] = f"{scoring.idle_ms} ms"
    return f"""CREATE TABLE {name} (
      k BYTES,
      v BYTES,
      topic STRING METADATA VIRTUAL,
      `partition` INT METADATA VIRTUAL,
      `offset` BIGINT METADATA VIRTUAL,
      ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
      {event_time if watermark else ""}
      arrival AS PROCTIME()
    ) WITH ({_with(options)})"""


_MILLIS = (
    "(1000 * CAST(TIMESTAMPDIFF(SECOND, TO_TIMESTAMP_LTZ(0, 3), ts) AS BIGINT)"
    " + EXTRACT(MILLISECOND FROM ts))"
)
# By a pattern, not by parsing the JSON: this is for Flink's watermark alone, which is shown and
# decides nothing, and it is asked for more than once a record.
_EVENT_TIME = (
    "COALESCE(TRY_CAST(REGEXP_EXTRACT("
    "CAST(v AS STRING), '\"event_time\"[ ]*:[ ]*([0-9]{1,15})', 1) AS BIGINT), CAST(0 AS BIGINT))"
)


def lines(table: str, keys: Sequence[int] = (0,), sourced: bool = False) -> str:
    """The table's records as (shard, line of `lines.raws`, or if `sourced` of that, arrival).

    The shard is the partition's, so a partition's records stay in the order in which they are read.
    `keys` has Flink's key of each shard.
    """
    fields = [
        *(["topic"] if sourced else []),
        "CAST(`partition` AS STRING)",
        "CAST(`offset` AS STRING)",
        f"CAST({_MILLIS} AS STRING)",
        f"COALESCE(DECODE(k, 'ISO-8859-1'), {_literal(NULL)})",
        f"COALESCE(DECODE(v, 'ISO-8859-1'), {_literal(NULL)})",
    ]
    line = f"CONCAT_WS({_literal(FIELD)}, {', '.join(fields)})"
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


def batches(view: str, batch_ms: int, separator: str = RECORD) -> str:
    """Each shard's lines of `batch_ms`, gathered by the JVM into one row (shard, batch)."""
    return f"""
      SELECT shard, ARRAY_JOIN(ARRAY_AGG(line), {_literal(separator)}) AS batch
      FROM TABLE(TUMBLE(TABLE {view}, DESCRIPTOR(arrival), INTERVAL '{batch_ms / 1000:.3f}' SECOND))
      GROUP BY shard, window_start, window_end"""


def json_sink(name: str, settings: Settings, topics: str) -> str:
    """A table whose rows (topic, k, v) become records of the topic that they name."""
    return f"""CREATE TABLE {name} (topic STRING METADATA, k STRING, v STRING) WITH (
      {_with(_sink_options(settings, topics))})"""


def dlq_sink(name: str, settings: Settings) -> str:
    """A table of dead letters: key and value as they came, Connect's headers."""
    return f"""CREATE TABLE {name} (k BYTES, v BYTES, headers MAP<STRING, BYTES> METADATA) WITH (
      {_with(_sink_options(settings, settings.topics.dlq))})"""


_TEXT = "DECODE(lines, 'UTF-8')"


def parcels(outputs: str) -> str:
    """The view's parcels as (shard, line, arrival), to be gathered again."""
    return f"SELECT shard, {_TEXT} AS line, arrival FROM {outputs} WHERE kind = 'parcel'"


def json_records(outputs: str) -> str:
    """Rows (topic, lines) of the view `outputs` as (topic, key, value)."""
    tab = _literal(JSON_KEY)
    return f"""
      SELECT kind, SPLIT_INDEX(line, {tab}, 0), SUBSTRING(line, POSITION({tab} IN line) + 1)
      FROM (SELECT kind, SPLIT({_TEXT}, {_literal(JSON_RECORD)}) AS lines
            FROM {outputs} WHERE kind NOT IN ('dlq', 'parcel'))
      CROSS JOIN UNNEST(lines) AS u (line)"""


DLQ_HEADERS = (
    "topic",
    "partition",
    "offset",
    "stage",
    "exception.class.name",
    "exception.message",
)


def dlq_records(outputs: str) -> str:
    """Rows ('dlq', lines) of the view `outputs` as (key, value, headers)."""

    def field(index: int) -> str:
        return f"SPLIT_INDEX(line, {_literal(FIELD)}, {index})"

    headers = ", ".join(
        f"'__connect.errors.{name}', ENCODE({field(index)}, 'UTF-8')"
        for index, name in enumerate(DLQ_HEADERS)
    )

    def raw(index: int) -> str:
        text = f"NULLIF({field(index)}, {_literal(NULL)})"
        return f"ENCODE({text}, 'ISO-8859-1')"

    return f"""
      SELECT {raw(len(DLQ_HEADERS))}, {raw(len(DLQ_HEADERS) + 1)}, MAP[{headers}]
      FROM (SELECT SPLIT({_TEXT}, {_literal(RECORD)}) AS lines FROM {outputs} WHERE kind = 'dlq')
      CROSS JOIN UNNEST(lines) AS u (line)"""


def _sink_options(settings: Settings, topics: str) -> dict[str, str]:
    return {
        "connector": "kafka",
        "topic": topics,
        "key.format": "raw",
        "key.fields": "k",
        "value.format": "raw",
        "value.fields-include": "EXCEPT_KEY",
        "sink.delivery-guarantee": "at-least-once",
        "properties.acks": "all",
        "properties.enable.idempotence": "true",
        "properties.compression.type": "lz4",
        "properties.linger.ms": "2",  # the scores of a batch in one request
        "properties.max.request.size": str(settings.kafka.max_record_bytes),
        **_client(settings.kafka),
    }


_SHADED = "org.apache.flink.kafka.shaded.org.apache.kafka.common"
# Flink's processes find the password where each of them runs: a job's graph travels without it.
_PASSWORD = f"{ENV_PREFIX}KAFKA__SASL_PASSWORD"


def _client(kafka: Kafka) -> dict[str, str]:
    found = {
        "properties.bootstrap.servers": kafka.servers,
        "properties.security.protocol": kafka.security_protocol,
    }
    if kafka.sasl_mechanism:
        module = (
            "scram.ScramLoginModule"
            if "SCRAM" in kafka.sasl_mechanism
            else "plain.PlainLoginModule"
        )
        found["properties.sasl.mechanism"] = kafka.sasl_mechanism
        found["properties.sasl.jaas.config"] = (
            f"{_SHADED}.security.{module} required "
            f'username="{kafka.sasl_username}" password="${{env:{_PASSWORD}}}";'
        )
        found["properties.config.providers"] = "env"
        found["properties.config.providers.env.class"] = (
            f"{_SHADED}.config.provider.EnvVarConfigProvider"
        )
    if kafka.ssl_ca_location:
        found["properties.ssl.truststore.type"] = "PEM"
        found["properties.ssl.truststore.location"] = kafka.ssl_ca_location
    return found


def _with(options: Mapping[str, str]) -> str:
    return ",\n      ".join(f"{_quoted(name)} = {_quoted(text)}" for name, text in options.items())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(character: str) -> str:
    return f"U&'\\{ord(character):04X}'"
