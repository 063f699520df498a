SELECT at, user_name AS name, role, user_id, event_id, event_time, fields, address
FROM access_log
WHERE (%(name)s::text IS NULL OR user_name = %(name)s)
    AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
ORDER BY id DESC
LIMIT %(limit)s
