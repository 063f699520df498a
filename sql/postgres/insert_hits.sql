INSERT INTO rule_hits (
    event_id, user_id, event_time, ruleset, ruleset_version, rule, rule_version, points
)
SELECT
    taken.event_id, taken.user_id, taken.event_time, taken.ruleset, taken.ruleset_version,
    hit.rule, hit.version, hit.points
FROM taken_scores AS taken
CROSS JOIN LATERAL jsonb_to_recordset(taken.reasons)
    AS hit (rule text, version integer, points integer)
