"""What scoring relies on of the topic of transactions, in the words of Kafka's settings."""

from __future__ import annotations

from typing import Final

TIMES: Final = "message.timestamp.type"
BROKERS: Final = "LogAppendTime"
COMPRESSION: Final = "compression.type"
# The broker's limit of a batch holds for what is stored. Compressed, 2 MB may be 2 GB of blanks,
# for which no reader has the memory: so what anybody may send is stored as it is.
STORED: Final = "uncompressed"


def fault(topic: str, timestamps: str, servers: str) -> str | None:
    """Why the topic can't be scored, and the way out; None if it can."""
    if timestamps == BROKERS:
        return None
    return (
        f"topic {topic}: {TIMES} is {timestamps}: lateness goes by the broker's clock, so it has "
        f"to be {BROKERS}: {_alter(topic, TIMES, BROKERS, servers)}"
    )


def advice(topic: str, compression: str, servers: str) -> str | None:
    """What had better be changed, and why; None if nothing has to."""
    if compression == STORED:
        return None
    return (
        f"topic {topic}: {COMPRESSION} is {compression}: the broker's limit of a record holds for "
        "compressed ones, and a few MB of blanks may be GB for scoring: "
        f"{_alter(topic, COMPRESSION, STORED, servers)}"
    )


def _alter(topic: str, name: str, value: str, servers: str) -> str:
    return (
        f"kafka-configs.sh --bootstrap-server {servers} --alter --topic {topic} "
        f"--add-config {name}={value}"
    )
