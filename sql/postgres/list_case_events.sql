SELECT id, revision, at, who, role, step, from_state, to_state, detail
FROM case_events
WHERE case_id = %(case_id)s
ORDER BY id
