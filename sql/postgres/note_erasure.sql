UPDATE erasures SET removed = %(removed)s WHERE id = %(id)s AND finished_at IS NULL
