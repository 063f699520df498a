SELECT count(*) AS cases, coalesce(sum(alerts), 0)::bigint AS alerts,
    coalesce(sum(stake), 0)::float8 AS stake
FROM cases
WHERE {chosen}
