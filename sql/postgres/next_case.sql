-- Two who ask at once never get the same: what one has locked the other passes over.
SELECT *, stake::float8 AS stake
FROM cases
WHERE {chosen} AND state = 'open' AND level = ANY (%(levels)s)
ORDER BY {column}, id
LIMIT 1
FOR UPDATE SKIP LOCKED
