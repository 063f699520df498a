SELECT
    s.event_id, s.user_id, s.event_time, s.ruleset, s.ruleset_version, s.revision, s.score,
    s.decision, s.reasons, s.late, s.run_id,
    (extract(epoch FROM s.scored_at) * 1000)::bigint AS scored_at,
    CASE WHEN t.event_id IS NOT NULL THEN jsonb_build_object(
        'amount', t.amount, 'currency', t.currency, 'merchant_id', t.merchant_id,
        'merchant_category', t.merchant_category, 'channel', t.channel, 'country', t.country,
        'ip', t.ip, 'device_id', t.device_id, 'card_token', t.card_token, 'source', t.source,
        'lat', t.lat, 'lon', t.lon, 'attributes', t.attributes, 'undeclared', t.undeclared
    ) END AS transaction
FROM risk_scores AS s
LEFT JOIN transactions AS t USING (event_id, user_id, event_time)
WHERE s.decision <> 'ALLOW' AND s.kind = 'live'
    AND (%(decision)s::text IS NULL OR s.decision = %(decision)s)
    AND (%(user_id)s::text IS NULL OR s.user_id = %(user_id)s)
    AND (%(ruleset)s::text IS NULL OR s.ruleset = %(ruleset)s)
    AND (%(min_score)s::int IS NULL OR s.score >= %(min_score)s)
    AND (%(since)s::bigint IS NULL OR s.event_time >= %(since)s)
    AND (%(until)s::bigint IS NULL OR s.event_time < %(until)s)
    AND (
        %(after_time)s::bigint IS NULL
        OR (s.event_time, s.event_id, s.user_id, s.ruleset, s.ruleset_version)
            < (%(after_time)s, %(after_event)s, %(after_user)s, %(after_ruleset)s, %(after_version)s)
    )
ORDER BY
    s.event_time DESC, s.event_id DESC, s.user_id DESC, s.ruleset DESC, s.ruleset_version DESC
LIMIT %(limit)s
