-- At most so many of a span's payments, always the same ones: those whose key has the least hash.
-- Keys alone are sorted, as features of so many would not fit into memory. Late payments are left
-- out: their features are those of a payment without a past.
WITH picked AS MATERIALIZED (
    SELECT event_id, user_id, event_time, ruleset_version
    FROM risk_scores
    WHERE event_at >= to_timestamp(%(begin)s / 1000.0)
        AND event_at < to_timestamp(%(end)s / 1000.0)
        AND ruleset = %(ruleset)s
        AND (
            ruleset_version = %(version)s::integer
            OR (%(version)s::integer IS NULL AND kind = 'live')
        )
        AND NOT late
    ORDER BY
        hashtextextended(event_id || '/' || user_id || '/' || event_time::text, 0),
        event_id, user_id, event_time, ruleset_version
    LIMIT %(most)s
)
SELECT scores.score, scores.features
FROM picked
JOIN risk_scores AS scores USING (event_id, user_id, event_time, ruleset_version)
WHERE scores.ruleset = %(ruleset)s
    AND scores.event_at >= to_timestamp(%(begin)s / 1000.0)
    AND scores.event_at < to_timestamp(%(end)s / 1000.0)
