UPDATE erasures SET finished_at = %(finished_at)s, certificate = %(certificate)s
WHERE id = %(id)s AND finished_at IS NULL
