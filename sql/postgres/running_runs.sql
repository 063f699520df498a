SELECT * FROM runs WHERE state = 'running' ORDER BY started_at DESC, run_id
