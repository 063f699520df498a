SELECT
    event_id, user_id, event_time, verdict, source,
    (extract(epoch FROM known_at) * 1000)::bigint, said_by, note, count(*) OVER ()
FROM waiting_verdicts
ORDER BY known_at DESC, event_id, user_id, event_time
LIMIT %s
