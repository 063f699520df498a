WITH archived AS (
    DELETE FROM transactions AS old
    WHERE ctid >= %(first)s::tid AND ctid < %(last)s::tid
        AND event_time < %(upto)s
        AND NOT EXISTS (
            SELECT FROM case_alerts AS alerts
            JOIN cases ON cases.id = alerts.case_id
            WHERE alerts.user_id = old.user_id AND alerts.event_id = old.event_id
                AND alerts.event_time = old.event_time AND cases.state <> 'closed'
        )
    RETURNING 1
)
SELECT (SELECT count(*) FROM archived) AS transactions
