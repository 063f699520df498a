WITH scores AS (
    DELETE FROM risk_scores AS old
    WHERE ctid >= %(first)s::tid AND ctid < %(last)s::tid
        AND event_time < %(upto)s
        AND NOT EXISTS (
            SELECT FROM case_alerts AS alerts
            JOIN cases ON cases.id = alerts.case_id
            WHERE alerts.user_id = old.user_id AND alerts.event_id = old.event_id
                AND alerts.event_time = old.event_time AND cases.state <> 'closed'
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
