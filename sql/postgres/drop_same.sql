-- A score that is there already is not written again, whichever run says it once more and when: a
-- redelivered batch or a replay makes no churn.
DELETE FROM staged_scores AS staged
USING risk_scores AS stored
WHERE (stored.event_id, stored.ruleset, stored.ruleset_version)
    = (staged.event_id, staged.ruleset, staged.ruleset_version)
    AND (
        stored.revision, stored.score, stored.decision, stored.fingerprint, stored.user_id,
        stored.event_time, stored.reasons, stored.features
    ) = (
        staged.revision, staged.score, staged.decision, staged.fingerprint, staged.user_id,
        staged.event_time, staged.reasons, staged.features
    )
    AND (stored.kind = 'replay') = (staged.kind = 'replay')
