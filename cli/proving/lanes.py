"""A proof's own topics: one stream, and for each run outputs of its own."""

from __future__ import annotations

from msgspec.structs import replace

from cli import offsets as group_offsets
from cli.own_topics import named
from cli.topics import offsets
from risk.settings import Settings
from stack.topics import existing_topics

OUTPUTS = ("scores", "alerts", "late", "dlq")


def stream(settings: Settings, name: str) -> Settings:
    """The settings with topics of a stream of that name."""
    return named(settings, f"risk.prove.{name}.")


def outputs(settings: Settings, run: str) -> Settings:
    """A stream's settings with the outputs of a run of its own."""
    base = settings.topics.transactions.removesuffix("transactions")
    names = {field: f"{base}{run}.{field}" for field in OUTPUTS}
    return replace(settings, topics=replace(settings.topics, **names))


def count(lane: Settings, topic: str) -> int:
    """How many records a topic has; 0 if there is no such topic."""
    if topic not in existing_topics(lane):
        return 0
    return sum(high - low for low, high in offsets(lane, topic).values())


def committed(lane: Settings, group: str) -> int:
    """How many records of the stream a group has read, as of its job's last checkpoint."""
    return sum(group_offsets.committed(lane, group, lane.topics.transactions).values())
