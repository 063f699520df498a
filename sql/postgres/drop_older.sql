DELETE FROM staged_scores AS staged
USING risk_scores AS stored
WHERE (stored.event_id, stored.ruleset, stored.ruleset_version)
    = (staged.event_id, staged.ruleset, staged.ruleset_version)
    AND stored.revision > staged.revision
