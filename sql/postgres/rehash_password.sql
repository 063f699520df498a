-- The same password under newer parameters, unless it was changed meanwhile.
UPDATE users SET password_hash = %(new)s WHERE name = %(name)s AND password_hash = %(old)s
