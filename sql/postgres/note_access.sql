INSERT INTO access_log (user_name, role, user_id, event_id, event_time, fields, address)
VALUES (%(name)s, %(role)s, %(user_id)s, %(event_id)s, %(event_time)s, %(fields)s, %(address)s)
