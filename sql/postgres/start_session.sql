INSERT INTO sessions (token_hash, user_name, expires_at, idle, address)
VALUES (%(token_hash)s, %(name)s, now() + %(lasts)s, %(idle)s, %(address)s)
