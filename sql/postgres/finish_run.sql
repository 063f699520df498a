UPDATE runs
SET ended_at = now(), state = %(state)s, offsets_to = %(offsets_to)s, counts = %(counts)s
WHERE run_id = %(run_id)s
