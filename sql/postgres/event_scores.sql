SELECT
    event_id, ruleset, ruleset_version, user_id, event_time, run_id, fingerprint, revision,
    score, decision, reasons, features, kind, late, since,
    (extract(epoch FROM scored_at) * 1000)::bigint AS scored_at,
    (extract(epoch FROM updated_at) * 1000)::bigint AS updated_at
FROM risk_scores
WHERE event_id = %(event_id)s AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
ORDER BY user_id, event_time, ruleset, ruleset_version
