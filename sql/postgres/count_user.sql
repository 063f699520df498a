WITH scores AS (
    SELECT event_id, user_id, event_time, ruleset, ruleset_version
    FROM risk_scores
    WHERE user_id = %(user_id)s AND event_time <= %(upto)s
)
SELECT
    (SELECT count(*) FROM scores),
    (
        SELECT count(*)
        FROM rule_hits
        JOIN scores USING (event_id, user_id, event_time, ruleset, ruleset_version)
    ),
    (SELECT count(*) FROM transactions WHERE user_id = %(user_id)s AND event_time <= %(upto)s)
