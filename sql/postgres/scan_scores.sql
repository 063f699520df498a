SELECT
    event_id, user_id, event_time, revision, score, decision, reasons, fingerprint, late
FROM risk_scores
WHERE ruleset = %s AND ruleset_version = %s
ORDER BY event_id, user_id, event_time
