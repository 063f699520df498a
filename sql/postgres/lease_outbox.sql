-- Until the lease is over nobody else sends them; who dies meanwhile leaves them to others.
UPDATE outbox SET
    send_at = now() + %(lease_s)s * interval '1 second',
    attempts = attempts + 1
WHERE id IN (
    SELECT id
    FROM outbox
    WHERE state = 'waiting' AND send_at <= now() AND destination = ANY (%(destinations)s)
    ORDER BY send_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
RETURNING id, destination, case_id, action, message, attempts, since
