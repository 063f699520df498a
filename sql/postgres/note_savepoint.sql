UPDATE promotion SET savepoint = %(savepoint)s, history_since = %(history_since)s
