INSERT INTO promotion (ruleset, version, how, run_id, old_run_id, old_job_id)
VALUES (%(ruleset)s, %(version)s, %(how)s, %(run_id)s, %(old_run_id)s, %(old_job_id)s)
