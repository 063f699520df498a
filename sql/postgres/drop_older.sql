-- In the order of `weight` in risk/engine/delivery.py: whatever its revision, a replay never replaces
-- what a live run or its shadow has emitted, nor else a late row one that isn't.
DELETE FROM staged_scores AS staged
USING risk_scores AS stored
WHERE (stored.event_id, stored.user_id, stored.event_time, stored.ruleset, stored.ruleset_version)
    = (staged.event_id, staged.user_id, staged.event_time, staged.ruleset, staged.ruleset_version)
    AND (stored.kind <> 'replay', NOT stored.late, stored.revision)
        > (staged.kind <> 'replay', NOT staged.late, staged.revision)
