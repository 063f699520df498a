WITH scores AS (
    DELETE FROM risk_scores AS old
    WHERE ctid >= %(first)s::tid AND ctid < %(last)s::tid
        AND event_time < %(upto)s
        AND NOT EXISTS (
            SELECT FROM payments_under_review AS kept
            WHERE (kept.user_id, kept.event_id, kept.event_time)
                = (old.user_id, old.event_id, old.event_time)
        )
    RETURNING event_id, user_id, event_time, ruleset, ruleset_version
), hits AS (
    DELETE FROM rule_hits AS hits
    USING scores
    WHERE (hits.event_id, hits.user_id, hits.event_time, hits.ruleset, hits.ruleset_version)
        = (scores.event_id, scores.user_id, scores.event_time, scores.ruleset,
            scores.ruleset_version)
    RETURNING 1
)
SELECT (SELECT count(*) FROM scores) AS risk_scores, (SELECT count(*) FROM hits) AS rule_hits
