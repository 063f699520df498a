"""Where Kafka's partitions begin and end, and how far consumer groups are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from risk.kafka.group_offsets import GroupOffsets, PartitionKey

TIMEOUT_S = 2.0  # for each of three rounds; Prometheus waits 5 s in all


class Ends(NamedTuple):
    """A partition's oldest offset, and the one that its next record will get."""

    oldest: int
    next: int


class Offsets(NamedTuple):
    """What the broker knows. `committed` has offsets by group and place.

    `read` are the (group, place) that have offsets left, but no record: markers of transactions.
    """

    ends: Mapping[PartitionKey, Ends]
    committed: Mapping[str, Mapping[PartitionKey, int]]
    read: Collection[tuple[str, PartitionKey]] = ()

    def lags(self) -> Iterable[tuple[str, PartitionKey, int]]:
        """(group, place, records not committed yet).

        Of a topic that a group has committed anything of, each partition counts: one without a
        commit from its oldest record on.
        """
        for group, committed in self.committed.items():
            topics = {topic for topic, _ in committed}
            for place, ends in self.ends.items():
                if place[0] in topics:
                    done = max(committed.get(place, ends.oldest), ends.oldest)
                    left = 0 if (group, place) in self.read else ends.next - done
                    yield group, place, max(0, left)


def read(
    admin: AdminClient, known: GroupOffsets, topics: Iterable[str], groups: re.Pattern[str]
) -> Offsets:
    """Ask the broker about these topics and the groups whose whole name matches.

    Raises `KafkaException` if it doesn't answer in time.
    """
    there = admin.list_topics(timeout=TIMEOUT_S).topics
    places = [(topic, p) for topic in set(topics) & set(there) for p in there[topic].partitions]
    oldest = _list(admin, places, OffsetSpec.earliest())
    latest = _list(admin, places, OffsetSpec.latest())
    listed = admin.list_consumer_groups(request_timeout=TIMEOUT_S).result().valid
    names = [group.group_id for group in listed if groups.fullmatch(group.group_id)]
    committed = known.committed(names, places, TIMEOUT_S)
    ends = {
        place: Ends(oldest[place].result().offset, latest[place].result().offset)
        for place in places
    }
    return Offsets(ends, committed)


def _list(admin: AdminClient, places: Iterable[PartitionKey], spec: Any) -> dict[PartitionKey, Any]:
    """A future for each place. All of a request are asked for at once."""
    wanted = {TopicPartition(topic, partition): spec for topic, partition in places}
    if not wanted:
        return {}
    asked = admin.list_offsets(wanted, request_timeout=TIMEOUT_S)
    return {(place.topic, place.partition): future for place, future in asked.items()}
