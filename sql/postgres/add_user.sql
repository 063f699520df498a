INSERT INTO users (name, role, password_hash, password_set_at)
VALUES (%(name)s, %(role)s, %(password_hash)s, CASE WHEN %(password_hash)s::text IS NOT NULL THEN now() END)
ON CONFLICT (name) DO NOTHING
RETURNING name
