INSERT INTO api_keys (prefix, name, sha256, scopes, rate, burst, created_by)
VALUES (%(prefix)s, %(name)s, %(sha256)s, %(scopes)s, %(rate)s, %(burst)s, %(created_by)s)
ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
RETURNING prefix
