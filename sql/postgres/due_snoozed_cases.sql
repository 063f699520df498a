SELECT *, stake::float8 AS stake
FROM cases
WHERE state = 'snoozed' AND snoozed_until <= now()
ORDER BY snoozed_until, id
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED
