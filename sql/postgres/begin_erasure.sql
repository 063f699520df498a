-- One of this user that was interrupted is gone on with: it takes what came since, too.
INSERT INTO erasures AS known (user_hash, upto, who, reason)
VALUES (%(user_hash)s, %(upto)s, %(who)s, %(reason)s)
ON CONFLICT (user_hash) WHERE finished_at IS NULL DO UPDATE SET
    upto = greatest(known.upto, excluded.upto)
RETURNING id, encode(user_hash, 'hex') AS user_hash, upto, who, reason, started_at, finished_at,
    removed, certificate
