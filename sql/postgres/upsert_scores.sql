-- In the order of the key, so that two writers never wait for each other in a circle. What is there
-- is compared once more: another writer may have been quicker since drop_older.
WITH taken AS (
    INSERT INTO risk_scores AS stored (
        event_id, ruleset, ruleset_version, user_id, event_time, run_id, fingerprint, revision,
        score, decision, reasons, features, scored_at, updated_at, kind, late,
        since
    )
    SELECT
        event_id, ruleset, ruleset_version, user_id, event_time, run_id, fingerprint, revision,
        score, decision, reasons, features, to_timestamp(scored_at / 1000.0), clock_timestamp(),
        kind, late, since
    FROM staged_scores
    ORDER BY event_id, user_id, event_time, ruleset, ruleset_version
    ON CONFLICT (event_id, user_id, event_time, ruleset, ruleset_version) DO UPDATE SET
        run_id = excluded.run_id,
        fingerprint = excluded.fingerprint,
        revision = excluded.revision,
        score = excluded.score,
        decision = excluded.decision,
        reasons = excluded.reasons,
        features = excluded.features,
        scored_at = excluded.scored_at,
        updated_at = excluded.updated_at,
        kind = excluded.kind,
        late = excluded.late,
        since = excluded.since
    WHERE (excluded.kind <> 'replay', NOT excluded.late, excluded.revision)
        >= (stored.kind <> 'replay', NOT stored.late, stored.revision)
    RETURNING event_id, user_id, event_time, ruleset, ruleset_version, reasons
)
INSERT INTO taken_scores
SELECT event_id, user_id, event_time, ruleset, ruleset_version, reasons FROM taken
