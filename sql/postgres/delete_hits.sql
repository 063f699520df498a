-- The scores' rows are locked by now, so nobody else writes these hits.
DELETE FROM rule_hits AS hits
USING taken_scores AS taken
WHERE (hits.event_id, hits.user_id, hits.event_time, hits.ruleset, hits.ruleset_version)
    = (taken.event_id, taken.user_id, taken.event_time, taken.ruleset, taken.ruleset_version)
