-- Each decision that changed, with what both sides went by.
SELECT
    pairs.event_id,
    pairs.user_id,
    pairs.event_time,
    pairs.a_score,
    pairs.b_score,
    pairs.a_decision,
    pairs.b_decision,
    pairs.same_features,
    pairs.amount,
    pairs.currency,
    pairs.country,
    pairs.channel,
    pairs.fraud,
    pairs.attack,
    a.reasons AS a_reasons,
    b.reasons AS b_reasons
FROM diff_pairs AS pairs
JOIN risk_scores AS a
    ON (a.event_id, a.user_id, a.event_time, a.ruleset, a.ruleset_version)
        = (pairs.event_id, pairs.user_id, pairs.event_time, %(a_name)s, %(a_version)s)
JOIN risk_scores AS b
    ON (b.event_id, b.user_id, b.event_time, b.ruleset, b.ruleset_version)
        = (pairs.event_id, pairs.user_id, pairs.event_time, %(b_name)s, %(b_version)s)
WHERE pairs.a_decision <> pairs.b_decision
ORDER BY pairs.event_time, pairs.event_id, pairs.user_id
