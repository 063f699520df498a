-- At most so many of a span's live payments, always the same ones: those whose key has the least
-- hash. Of each the decision that was made last, the payment as it was archived, and the verdict
-- that counts.
WITH picked AS MATERIALIZED (
    SELECT event_id, user_id, event_time, max(scored_at) AS scored_at
    FROM risk_scores
    WHERE event_at >= to_timestamp(%(begin)s / 1000.0)
        AND event_at < to_timestamp(%(end)s / 1000.0)
        AND kind = 'live'
    GROUP BY event_id, user_id, event_time
    ORDER BY
        hashtextextended(event_id || '/' || user_id || '/' || event_time::text, 0),
        event_id, user_id, event_time
    LIMIT %(most)s
)
SELECT DISTINCT ON (scores.event_id, scores.user_id, scores.event_time)
    scores.event_id, scores.user_id, scores.event_time, scores.ruleset, scores.ruleset_version,
    scores.fingerprint, scores.score, scores.decision, scores.late, scores.features,
    txn.amount, txn.currency, txn.merchant_id, txn.merchant_category, txn.channel, txn.country,
    txn.ip, txn.device_id, txn.card_token, txn.source, txn.lat, txn.lon, txn.attributes,
    txn.undeclared, verdicts.verdict
FROM picked
JOIN risk_scores AS scores USING (event_id, user_id, event_time, scored_at)
JOIN transactions AS txn USING (event_id, user_id, event_time)
LEFT JOIN current_verdicts AS verdicts USING (event_id, user_id, event_time)
WHERE scores.kind = 'live'
    AND scores.event_at >= to_timestamp(%(begin)s / 1000.0)
    AND scores.event_at < to_timestamp(%(end)s / 1000.0)
ORDER BY
    scores.event_id, scores.user_id, scores.event_time, scores.ruleset, scores.ruleset_version DESC
