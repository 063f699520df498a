SELECT *, stake::float8 AS stake FROM cases WHERE id = %(id)s
