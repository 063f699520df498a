-- Now and then is enough: not every request has to write.
UPDATE sessions SET seen_at = now()
WHERE token_hash = %(token_hash)s AND seen_at < now() - least(idle / 4, interval '1 minute')
