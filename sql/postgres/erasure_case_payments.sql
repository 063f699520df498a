SELECT DISTINCT case_id, event_id
FROM case_alerts
WHERE user_id = %(user_id)s AND event_time <= %(upto)s
