SELECT name, role, password_hash, disabled_at FROM users WHERE name = %(name)s
