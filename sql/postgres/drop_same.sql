-- What is there already word for word is not written again: a redelivered batch makes no churn.
DELETE FROM staged_scores AS staged
USING risk_scores AS stored
WHERE (stored.event_id, stored.ruleset, stored.ruleset_version)
    = (staged.event_id, staged.ruleset, staged.ruleset_version)
    AND (
        stored.revision, stored.score, stored.decision, stored.fingerprint, stored.user_id,
        stored.event_time, stored.run_id, stored.scored_at, stored.reasons, stored.features
    ) = (
        staged.revision, staged.score, staged.decision, staged.fingerprint, staged.user_id,
        staged.event_time, staged.run_id, to_timestamp(staged.scored_at / 1000.0),
        staged.reasons, staged.features
    )
