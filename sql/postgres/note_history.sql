UPDATE promotion SET history_since = %(history_since)s
