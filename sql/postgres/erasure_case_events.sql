-- The trail keeps each step. Payments that are gone are taken out of it, and, of a case without any
-- left, what was written of the person.
WITH emptied AS (
    SELECT id AS case_id
    FROM cases
    WHERE id = ANY (%(ids)s)
        AND NOT EXISTS (SELECT FROM case_alerts WHERE case_alerts.case_id = cases.id)
), changed AS (
    UPDATE case_events AS said SET
        detail = CASE
            WHEN case_id IN (SELECT case_id FROM emptied)
                THEN detail - '{payments,reason,files}'::text[]
            ELSE jsonb_set(detail, '{payments}', (
                SELECT coalesce(jsonb_agg(one), '[]')
                FROM jsonb_array_elements(detail -> 'payments') AS one
                WHERE one #>> '{}' <> ALL (%(events)s::text[])
            ))
        END
    WHERE case_id = ANY (%(ids)s)
        AND (
            detail ? 'payments'
            OR case_id IN (SELECT case_id FROM emptied) AND detail ?| '{reason,files}'
        )
    RETURNING 1
)
SELECT count(*) AS case_events FROM changed
