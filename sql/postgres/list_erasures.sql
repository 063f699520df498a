SELECT id, encode(user_hash, 'hex') AS user_hash, upto, who, reason, started_at, finished_at,
    removed, certificate
FROM erasures
WHERE %(user_hash)s::bytea IS NULL OR user_hash = %(user_hash)s
ORDER BY id DESC
LIMIT %(limit)s
