SELECT at, user_name AS name, role, user_id, event_id, event_time, fields, address
FROM access_log
ORDER BY id DESC
LIMIT %(limit)s
