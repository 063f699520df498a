-- What came last first: who sends a file of old chargebacks looks for them here.
SELECT
    event_id, user_id, event_time, verdict, source,
    (extract(epoch FROM known_at) * 1000)::bigint, said_by, note, count(*) OVER ()
FROM waiting_verdicts
JOIN (SELECT feedback_key, appended_at, kafka_offset FROM risk_feedback) AS said USING (feedback_key)
ORDER BY appended_at DESC, kafka_offset DESC, event_id, user_id, event_time
LIMIT %s
