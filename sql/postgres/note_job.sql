UPDATE runs SET job_id = %(job_id)s
WHERE run_id = %(run_id)s AND job_id = '' AND state = 'running'
