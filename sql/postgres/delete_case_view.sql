DELETE FROM case_views WHERE owner = %(owner)s AND name = %(name)s
