-- The latest live decisions about a user's payments up to a moment, by the index on user and time.
SELECT
    scores.event_id, scores.user_id, scores.event_time, scores.ruleset, scores.ruleset_version,
    scores.revision, scores.late, scores.score, scores.decision, scores.features,
    payments.amount, payments.currency, payments.merchant_id, payments.country, payments.channel
FROM risk_scores AS scores
LEFT JOIN transactions AS payments
    ON (payments.user_id, payments.event_id, payments.event_time)
        = (scores.user_id, scores.event_id, scores.event_time)
WHERE scores.user_id = %(user_id)s
    AND scores.kind = 'live'
    AND scores.event_at BETWEEN to_timestamp(%(since)s / 1000.0) AND to_timestamp(%(until)s / 1000.0)
ORDER BY scores.event_at DESC, scores.event_id DESC, scores.ruleset, scores.ruleset_version DESC
LIMIT %(limit)s
