WITH kept AS (
    SELECT DISTINCT user_id, event_id, event_time FROM payments_under_review
    WHERE event_time < %(upto)s
)
SELECT
    (
        SELECT count(*) FROM risk_scores AS old
        WHERE event_time < %(upto)s
            AND NOT EXISTS (
                SELECT FROM kept
                WHERE (kept.user_id, kept.event_id, kept.event_time)
                    = (old.user_id, old.event_id, old.event_time)
            )
    ) AS risk_scores,
    (
        SELECT count(*) FROM rule_hits AS old
        WHERE event_time < %(upto)s
            AND NOT EXISTS (
                SELECT FROM kept
                WHERE (kept.user_id, kept.event_id, kept.event_time)
                    = (old.user_id, old.event_id, old.event_time)
            )
    ) AS rule_hits,
    (
        SELECT count(*) FROM transactions AS old
        WHERE event_time < %(upto)s
            AND NOT EXISTS (
                SELECT FROM kept
                WHERE (kept.user_id, kept.event_id, kept.event_time)
                    = (old.user_id, old.event_id, old.event_time)
            )
    ) AS transactions
