-- Not of what has changed since: that is to be sent anew.
UPDATE outbox SET
    state = %(state)s,
    send_at = now() + %(wait_s)s * interval '1 second',
    sent_at = CASE WHEN %(state)s = 'sent' THEN now() ELSE sent_at END,
    error = %(error)s
WHERE id = %(id)s AND message = %(message)s AND state = 'waiting'
