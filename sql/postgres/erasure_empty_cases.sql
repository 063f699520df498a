-- A case stays, with its state, its verdict and who judged it: without the person.
WITH emptied AS (
    SELECT id
    FROM cases
    WHERE id = ANY (%(ids)s)
        AND NOT EXISTS (SELECT FROM case_alerts WHERE case_alerts.case_id = cases.id)
), files AS (
    DELETE FROM case_files AS file
    USING case_notes AS note, emptied
    WHERE note.id = file.note_id AND note.case_id = emptied.id
    RETURNING 1
), notes AS (
    DELETE FROM case_notes AS note
    USING emptied
    WHERE note.case_id = emptied.id
    RETURNING 1
), changed AS (
    UPDATE cases SET
        revision = revision + 1,
        changed_at = now(),
        user_id = 'erased',
        users = CASE WHEN id IN (SELECT id FROM emptied) THEN '{}' ELSE users END,
        reason = CASE WHEN id IN (SELECT id FROM emptied) THEN '' ELSE reason END,
        rules = CASE WHEN id IN (SELECT id FROM emptied) THEN '{}' ELSE rules END,
        countries = CASE WHEN id IN (SELECT id FROM emptied) THEN '{}' ELSE countries END,
        alerts = CASE WHEN id IN (SELECT id FROM emptied) THEN 0 ELSE alerts END,
        amounts = CASE WHEN id IN (SELECT id FROM emptied) THEN '{}' ELSE amounts END,
        stake = CASE WHEN id IN (SELECT id FROM emptied) THEN 0 ELSE stake END,
        first_event_time = CASE WHEN id IN (SELECT id FROM emptied) THEN 0 ELSE first_event_time END,
        last_event_time = CASE WHEN id IN (SELECT id FROM emptied) THEN 0 ELSE last_event_time END
    WHERE id IN (SELECT id FROM emptied)
        OR (id = ANY (%(ids)s) AND user_id = %(user_id)s AND NOT users @> ARRAY[%(user_id)s::text])
    RETURNING 1
)
SELECT
    (SELECT count(*) FROM emptied) AS cases,
    (SELECT count(*) FROM notes) AS case_notes,
    (SELECT count(*) FROM files) AS case_files
