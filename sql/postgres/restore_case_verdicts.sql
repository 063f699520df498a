-- A verdict that was sent can't be unsaid: where this payment had another before, that is said
-- once more, and counts again as the latest.
INSERT INTO case_verdicts
    (case_id, event_id, user_id, event_time, verdict, said_by, note, known_at, send_at)
SELECT DISTINCT ON (undone.event_id, undone.user_id, undone.event_time)
    undone.case_id, undone.event_id, undone.user_id, undone.event_time, said.verdict, %(who)s,
    %(note)s, (extract(epoch FROM now()) * 1000)::bigint, now()
FROM case_verdicts AS undone
JOIN risk_feedback AS said USING (event_id, user_id, event_time)
WHERE undone.id = ANY (%(ids)s)
    AND said.source = 'analyst'
    AND said.known_at < to_timestamp(undone.known_at / 1000.0)
    AND NOT EXISTS (
        SELECT
        FROM case_verdicts AS other
        WHERE (other.event_id, other.user_id, other.event_time)
            = (said.event_id, said.user_id, said.event_time)
            AND to_timestamp(other.known_at / 1000.0) = said.known_at
            AND other.undone_at IS NOT NULL
    )
ORDER BY undone.event_id, undone.user_id, undone.event_time, said.known_at DESC,
    said.appended_at DESC, said.kafka_partition DESC, said.kafka_offset DESC
