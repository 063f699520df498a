SELECT count(*) AS payments, min(event_time) AS first, max(event_time) AS last
FROM (
    SELECT DISTINCT event_id, user_id, event_time
    FROM risk_scores
    WHERE event_at >= to_timestamp(%(begin)s / 1000.0)
        AND event_at < to_timestamp(%(end)s / 1000.0)
        AND kind = 'live'
) AS payments
