WITH gone AS (
    DELETE FROM risk_feedback
    WHERE user_id = %(user_id)s AND event_time <= %(upto)s
    RETURNING 1
)
SELECT count(*) FROM gone
