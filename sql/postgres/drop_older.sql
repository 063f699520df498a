-- Whatever its revision, what a live run or its shadow has said is never replaced by a replay.
DELETE FROM staged_scores AS staged
USING risk_scores AS stored
WHERE (stored.event_id, stored.ruleset, stored.ruleset_version)
    = (staged.event_id, staged.ruleset, staged.ruleset_version)
    AND CASE
        WHEN (stored.kind = 'replay') = (staged.kind = 'replay')
            THEN stored.revision > staged.revision
        ELSE staged.kind = 'replay'
    END
