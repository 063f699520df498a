"""The edge that writes to Kafka, in SQL: what operators say becomes records with headers."""

from __future__ import annotations

from flink_jobs.connector import client, literal, with_options
from flink_jobs.letters import HEADERS
from flink_jobs.lines import FIELD, JSON_KEY, JSON_RECORD, NULL, RECORD
from risk.config.settings import Settings

_TEXT = "DECODE(lines, 'UTF-8')"


def json_sink(name: str, settings: Settings, topics: str) -> str:
    """A table whose rows (topic, k, v) become records of the topic that they name."""
    return f"""CREATE TABLE {name} (topic STRING METADATA, k STRING, v STRING) WITH (
      {with_options(_sink_options(settings, topics))})"""


def dlq_sink(name: str, settings: Settings) -> str:
    """A table of dead letters: key and value as they came, Connect's headers."""
    return f"""CREATE TABLE {name} (k BYTES, v BYTES, headers MAP<STRING, BYTES> METADATA) WITH (
      {with_options(_sink_options(settings, settings.topics.dlq))})"""


def json_records(outputs: str) -> str:
    """Rows (topic, lines) of the view `outputs` as (topic, key, value)."""
    tab = literal(JSON_KEY)
    return f"""
      SELECT kind, SPLIT_INDEX(line, {tab}, 0), SUBSTRING(line, POSITION({tab} IN line) + 1)
      FROM (SELECT kind, SPLIT({_TEXT}, {literal(JSON_RECORD)}) AS lines
            FROM {outputs} WHERE kind NOT IN ('dlq', 'parcel'))
      CROSS JOIN UNNEST(lines) AS u (line)"""


def dlq_records(outputs: str) -> str:
    """Rows ('dlq', lines) of the view `outputs` as (key, value, headers)."""

    def field(index: int) -> str:
        return f"SPLIT_INDEX(line, {literal(FIELD)}, {index})"

    def known(index: int) -> str:
        return f"NULLIF({field(index)}, {literal(NULL)})"  # a header that is null is left out

    headers = ", ".join(
        f"'{name}', ENCODE({known(index)}, 'UTF-8')" for index, name in enumerate(HEADERS)
    )

    def raw(index: int) -> str:
        return f"ENCODE({known(index)}, 'ISO-8859-1')"

    return f"""
      SELECT {raw(len(HEADERS))}, {raw(len(HEADERS) + 1)}, MAP[{headers}]
      FROM (SELECT SPLIT({_TEXT}, {literal(RECORD)}) AS lines FROM {outputs} WHERE kind = 'dlq')
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
        **client(settings.kafka),
    }
