"""The Flink jobs: scoring, and delivery to each store."""
