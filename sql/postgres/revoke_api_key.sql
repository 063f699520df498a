UPDATE api_keys SET revoked_at = now(), revoked_by = %(revoked_by)s
WHERE revoked_at IS NULL AND (name = %(which)s OR prefix = %(which)s)
RETURNING prefix
