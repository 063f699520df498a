SELECT id, destination, case_id, action, message, state, since, send_at, attempts, error
FROM outbox
WHERE state = ANY (%(states)s)
ORDER BY since DESC, id DESC
LIMIT %(limit)s
