"""The embedded servers: Kafka, Postgres, Redis, Elasticsearch and Flink as plain processes."""
