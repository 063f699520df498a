SELECT * FROM runs
WHERE ruleset = %(ruleset)s AND ruleset_version = %(version)s
ORDER BY started_at, run_id
