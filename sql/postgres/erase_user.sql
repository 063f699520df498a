WITH scores AS (
    DELETE FROM risk_scores
    WHERE user_id = %(user_id)s AND event_time <= %(upto)s
    RETURNING event_id, user_id, event_time, ruleset, ruleset_version
), hits AS (
    DELETE FROM rule_hits AS hits
    USING scores
    WHERE (hits.event_id, hits.user_id, hits.event_time, hits.ruleset, hits.ruleset_version)
        = (scores.event_id, scores.user_id, scores.event_time, scores.ruleset,
            scores.ruleset_version)
    RETURNING 1
), archived AS (
    DELETE FROM transactions
    WHERE user_id = %(user_id)s AND event_time <= %(upto)s
    RETURNING 1
)
SELECT
    (SELECT count(*) FROM scores),
    (SELECT count(*) FROM hits),
    (SELECT count(*) FROM archived)
