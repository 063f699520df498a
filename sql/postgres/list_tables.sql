-- All tables with the columns that hold what was written, and the other tables that they refer to.
SELECT
    held.relname::text,
    array_agg(had.attname::text ORDER BY had.attnum),
    ARRAY(
        SELECT DISTINCT other.relname::text
        FROM pg_constraint AS key
        JOIN pg_class AS other ON other.oid = key.confrelid
        WHERE key.contype = 'f' AND key.conrelid = held.oid AND other.oid <> held.oid
    )
FROM pg_class AS held
JOIN pg_attribute AS had
    ON had.attrelid = held.oid AND had.attnum > 0 AND NOT had.attisdropped AND had.attgenerated = ''
WHERE held.relnamespace = 'public'::regnamespace AND held.relkind = 'r'
GROUP BY held.oid, held.relname
ORDER BY held.relname
