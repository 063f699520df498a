-- The scores' rows are locked by now, so nobody else writes these hits.
DELETE FROM rule_hits AS hits
USING taken_scores AS taken
WHERE (hits.event_id, hits.ruleset, hits.ruleset_version)
    = (taken.event_id, taken.ruleset, taken.ruleset_version)
