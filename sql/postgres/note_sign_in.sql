UPDATE users SET signed_in_at = now() WHERE name = %(name)s
