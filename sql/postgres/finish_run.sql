UPDATE runs
SET
    ended_at = now(),
    state = %(state)s,
    offsets_to = coalesce(%(offsets_to)s, offsets_to),
    counts = coalesce(%(counts)s, counts)
WHERE run_id = %(run_id)s
