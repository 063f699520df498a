SELECT id, state FROM cases WHERE id = ANY (%(ids)s) ORDER BY id FOR UPDATE
