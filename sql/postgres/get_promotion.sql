SELECT
    ruleset, version, how, run_id, old_run_id, old_job_id, savepoint, started_at,
    history_since
FROM promotion
