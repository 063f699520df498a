SELECT id
FROM cases
WHERE users @> ARRAY[%(user_id)s::text]
    AND (
        state <> 'closed'
        OR EXISTS (
            SELECT
            FROM case_verdicts AS said
            WHERE said.case_id = cases.id AND said.sent_at IS NULL AND said.undone_at IS NULL
        )
    )
ORDER BY id
