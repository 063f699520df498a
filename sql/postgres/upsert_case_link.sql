INSERT INTO case_links AS stored (kind, value, case_id, user_id, last_event_time)
VALUES (%(kind)s, %(value)s, %(case_id)s, %(user_id)s, %(event_time)s)
ON CONFLICT (kind, value, case_id, user_id) DO UPDATE SET
    last_event_time = excluded.last_event_time
WHERE excluded.last_event_time > stored.last_event_time
