UPDATE promotion SET savepoint = %(savepoint)s
