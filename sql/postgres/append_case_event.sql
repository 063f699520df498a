WITH line AS (
    INSERT INTO case_events (case_id, revision, who, role, step, from_state, to_state, detail)
    VALUES (%(case_id)s, %(revision)s, %(who)s, %(role)s, %(step)s, %(from_state)s, %(to_state)s,
        %(detail)s)
    RETURNING id, case_id, revision, step
)
SELECT pg_notify(
    'cases',
    jsonb_build_object('case', case_id, 'revision', revision, 'step', step, 'event', id)::text
)
FROM line
