-- What was told resolved and isn't any more is told from its beginning.
UPDATE outbox SET
    action = wanted.action,
    message = message + 1,
    state = 'waiting',
    since = now(),
    send_at = now(),
    attempts = 0,
    error = ''
FROM (
    SELECT
        id,
        CASE WHEN action = 'resolve' AND %(action)s <> 'resolve' THEN 'open' ELSE %(action)s END
            AS action
    FROM outbox
    WHERE case_id = %(case_id)s
) AS wanted
WHERE outbox.id = wanted.id AND outbox.action <> wanted.action
