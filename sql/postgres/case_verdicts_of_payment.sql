SELECT
    case_id, event_id, user_id, event_time, verdict, said_by, note, known_at,
    (extract(epoch FROM send_at) * 1000)::bigint AS send_at,
    (extract(epoch FROM sent_at) * 1000)::bigint AS sent_at,
    (extract(epoch FROM undone_at) * 1000)::bigint AS undone_at
FROM case_verdicts
WHERE (event_id, user_id, event_time) = (%(event_id)s, %(user_id)s, %(event_time)s)
ORDER BY known_at, id
