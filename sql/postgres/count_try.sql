-- Counted before the password is looked at, so that many at once are no way around it. A key that
-- is locked gives no row. After a day without one, failures are forgotten.
INSERT INTO sign_in_tries AS known (key_hash, kind, failures)
VALUES (%(key_hash)s, %(kind)s, 1)
ON CONFLICT (key_hash) DO UPDATE SET
    failures = CASE WHEN known.tried_at < now() - interval '1 day' THEN 1 ELSE known.failures + 1 END,
    tried_at = now()
WHERE known.locked_until <= now()
RETURNING failures
