SELECT name, role, password_hash IS NOT NULL AS has_password, created_at, signed_in_at, disabled_at
FROM users
ORDER BY disabled_at IS NOT NULL, name
