-- {column} is one of those that the queue is sorted by. What isn't asked for is NULL, which the
-- planner leaves out: each statement is planned for its own values.
SELECT *, stake::float8 AS stake, {column}::text AS sort_key
FROM cases
WHERE {chosen}
    AND (%(after_id)s::bigint IS NULL
        OR ({column}, id) > (%(after_key)s::text::{type}, %(after_id)s::bigint))
ORDER BY {column}, id
LIMIT %(limit)s
