-- One of each payment of the case, whatever the rulesets that flagged it.
INSERT INTO case_verdicts
    (case_id, event_id, user_id, event_time, verdict, said_by, note, known_at, send_at)
SELECT DISTINCT
    case_id, event_id, user_id, event_time, %(verdict)s, %(who)s, %(note)s,
    (extract(epoch FROM now()) * 1000)::bigint, now() + %(undo_s)s * interval '1 second'
FROM case_alerts
WHERE case_id = %(case_id)s
