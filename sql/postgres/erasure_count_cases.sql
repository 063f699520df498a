WITH own AS (
    SELECT DISTINCT case_id
    FROM case_alerts
    WHERE user_id = %(user_id)s AND event_time <= %(upto)s
), emptied AS (
    SELECT case_id
    FROM own
    WHERE NOT EXISTS (
        SELECT
        FROM case_alerts AS other
        WHERE other.case_id = own.case_id
            AND NOT (other.user_id = %(user_id)s AND other.event_time <= %(upto)s)
    )
)
SELECT
    (SELECT count(*) FROM case_alerts WHERE user_id = %(user_id)s AND event_time <= %(upto)s)
        AS case_alerts,
    (SELECT count(*) FROM case_links WHERE user_id = %(user_id)s AND last_event_time <= %(upto)s)
        AS case_links,
    (SELECT count(*) FROM case_verdicts WHERE user_id = %(user_id)s AND event_time <= %(upto)s)
        AS case_verdicts,
    (SELECT count(*) FROM case_views WHERE filters ->> 'user' = %(user_id)s) AS case_views,
    (
        SELECT count(*)
        FROM case_events
        WHERE case_id IN (SELECT case_id FROM own) AND detail ? 'payments'
            OR case_id IN (SELECT case_id FROM emptied) AND detail ?| '{reason,files}'
    ) AS case_events,
    (SELECT count(*) FROM emptied) AS cases,
    (SELECT count(*) FROM case_notes WHERE case_id IN (SELECT case_id FROM emptied)) AS case_notes,
    (
        SELECT count(*)
        FROM case_files
        JOIN case_notes ON case_notes.id = case_files.note_id
        WHERE case_notes.case_id IN (SELECT case_id FROM emptied)
    ) AS case_files,
    (SELECT count(*) FROM access_log WHERE user_id = %(user_id)s AND event_time <= %(upto)s)
        AS access_log
