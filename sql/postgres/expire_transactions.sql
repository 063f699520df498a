WITH archived AS (
    DELETE FROM transactions AS old
    WHERE ctid >= %(first)s::tid AND ctid < %(last)s::tid
        AND event_time < %(upto)s
        AND NOT EXISTS (
            SELECT FROM payments_under_review AS kept
            WHERE (kept.user_id, kept.event_id, kept.event_time)
                = (old.user_id, old.event_id, old.event_time)
        )
    RETURNING 1
)
SELECT (SELECT count(*) FROM archived) AS transactions
