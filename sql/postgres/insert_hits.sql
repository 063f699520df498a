INSERT INTO rule_hits (event_id, ruleset, ruleset_version, rule, rule_version, points)
SELECT
    staged.event_id, staged.ruleset, staged.ruleset_version, hit.rule, hit.version, hit.points
FROM staged_scores AS staged
JOIN taken_scores AS taken USING (event_id, ruleset, ruleset_version)
CROSS JOIN LATERAL jsonb_to_recordset(staged.reasons)
    AS hit (rule text, version integer, points integer)
