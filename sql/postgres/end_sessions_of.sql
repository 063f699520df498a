DELETE FROM sessions WHERE user_name = %(name)s
