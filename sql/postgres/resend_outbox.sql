UPDATE outbox SET state = 'waiting', since = now(), send_at = now(), attempts = 0, error = ''
WHERE state = 'dead' AND (%(ids)s::bigint[] IS NULL OR id = ANY (%(ids)s::bigint[]))
