-- A score that is there already is not written again, whichever run says it once more and when: a
-- redelivered batch or a replay makes no churn.
DELETE FROM staged_scores AS staged
USING risk_scores AS stored
WHERE (stored.event_id, stored.user_id, stored.event_time, stored.ruleset, stored.ruleset_version)
    = (staged.event_id, staged.user_id, staged.event_time, staged.ruleset, staged.ruleset_version)
    AND (
        stored.late, stored.revision, stored.score, stored.decision, stored.fingerprint,
        stored.reasons, stored.features, stored.since
    ) = (
        staged.late, staged.revision, staged.score, staged.decision, staged.fingerprint,
        staged.reasons, staged.features, staged.since
    )
    AND (stored.kind = 'replay') = (staged.kind = 'replay')
