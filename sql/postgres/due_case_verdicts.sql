SELECT id, event_id, user_id, event_time, verdict, said_by, note, known_at
FROM case_verdicts
WHERE sent_at IS NULL AND undone_at IS NULL AND send_at <= now()
ORDER BY send_at, id
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED
