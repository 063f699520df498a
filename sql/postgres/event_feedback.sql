SELECT
    event_id, user_id, event_time, verdict, source,
    (extract(epoch FROM known_at) * 1000)::bigint, said_by, note,
    (extract(epoch FROM appended_at) * 1000)::bigint, kafka_partition, kafka_offset
FROM risk_feedback
WHERE event_id = %(event_id)s AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
ORDER BY user_id, event_time, appended_at, kafka_partition, kafka_offset
