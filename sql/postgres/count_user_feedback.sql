SELECT count(*) FROM risk_feedback WHERE user_id = %(user_id)s AND event_time <= %(upto)s
