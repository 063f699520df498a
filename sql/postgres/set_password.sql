UPDATE users SET password_hash = %(password_hash)s, password_set_at = now()
WHERE name = %(name)s
RETURNING name
