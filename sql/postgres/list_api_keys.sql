SELECT prefix, name, sha256, scopes, rate, burst, created_at, created_by, revoked_at, revoked_by
FROM api_keys
WHERE %(revoked)s OR revoked_at IS NULL
ORDER BY name, created_at
