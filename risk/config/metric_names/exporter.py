"""What the exporter shows.

What concerns Kafka is named as kafka_exporter does, whose dashboards then work.
"""

from __future__ import annotations

from typing import Final

from risk.config.metric import Metric

GROUP_LAG: Final = Metric(
    "kafka_consumergroup_lag",
    "gauge",
    "Records that a group has not committed yet; all there are if it has committed none.",
    ("consumergroup", "topic", "partition"),
)
GROUP_OFFSET: Final = Metric(
    "kafka_consumergroup_current_offset",
    "gauge",
    "The offset that a group has committed: that of the next record it will read.",
    ("consumergroup", "topic", "partition"),
)
TOPIC_OFFSET: Final = Metric(
    "kafka_topic_partition_current_offset",
    "gauge",
    "The offset that the next record of a partition will get.",
    ("topic", "partition"),
)
TOPIC_OLDEST_OFFSET: Final = Metric(
    "kafka_topic_partition_oldest_offset",
    "gauge",
    "The offset of the oldest record that a partition still has.",
    ("topic", "partition"),
)
BROKER_UP: Final = Metric(
    "risk_exporter_kafka_up", "gauge", "1 if the broker has answered the exporter, else 0."
)
DISK_FREE: Final = Metric(
    "risk_disk_free_bytes",
    "gauge",
    "Space left to the project on the disk that holds a folder.",
    ("path",),
)
DISK_SIZE: Final = Metric(
    "risk_disk_size_bytes", "gauge", "Size of the disk that holds a folder.", ("path",)
)
MEMORY_AVAILABLE: Final = Metric(
    "risk_memory_available_bytes",
    "gauge",
    "Memory that can still be had on the exporter's machine, or in its container.",
)
MEMORY_SIZE: Final = Metric(
    "risk_memory_size_bytes",
    "gauge",
    "Memory of the exporter's machine; the limit of its container, if that is lower.",
)
PROCESS_UP: Final = Metric(
    "risk_process_up",
    "gauge",
    "1 if a process of the embedded servers, which was started and not stopped, runs, else 0.",
    ("process",),
)
EXPORTER: Final = (
    *(GROUP_LAG, GROUP_OFFSET, TOPIC_OFFSET, TOPIC_OLDEST_OFFSET),
    *(BROKER_UP, DISK_FREE, DISK_SIZE, MEMORY_AVAILABLE, MEMORY_SIZE, PROCESS_UP),
)
