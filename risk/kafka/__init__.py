"""The one place that asks Kafka: topics, partitions, offsets, consumer groups."""
