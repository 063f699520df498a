-- What is said again is one row, placed where it was said first, in whatever order they come.
INSERT INTO risk_feedback AS stored (
    feedback_key, event_id, user_id, event_time, verdict, source, known_at, said_by, note,
    appended_at, kafka_partition, kafka_offset
)
SELECT DISTINCT ON (feedback_key)
    feedback_key, event_id, user_id, event_time, verdict, source,
    to_timestamp(known_at / 1000.0), said_by, note,
    to_timestamp(append_time / 1000.0), kafka_partition, kafka_offset
FROM staged_feedback
ORDER BY feedback_key, append_time, kafka_partition, kafka_offset
ON CONFLICT (feedback_key) DO UPDATE SET
    appended_at = excluded.appended_at,
    kafka_partition = excluded.kafka_partition,
    kafka_offset = excluded.kafka_offset
WHERE (excluded.appended_at, excluded.kafka_partition, excluded.kafka_offset)
    < (stored.appended_at, stored.kafka_partition, stored.kafka_offset)
