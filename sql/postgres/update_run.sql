-- What a running job has done so far.
UPDATE runs
SET offsets_to = %(offsets_to)s, counts = %(counts)s
WHERE run_id = %(run_id)s AND state = 'running'
