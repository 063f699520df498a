SELECT sessions.user_name AS name, users.role
FROM sessions JOIN users ON users.name = sessions.user_name
WHERE token_hash = %(token_hash)s
  AND expires_at > now() AND seen_at + idle > now() AND users.disabled_at IS NULL
