SELECT *
FROM rule_changes
WHERE (%(states)s::text[] IS NULL OR state = ANY (%(states)s))
    AND (%(ruleset)s::text IS NULL OR ruleset = %(ruleset)s)
    AND (%(name)s::text IS NULL OR name = %(name)s)
ORDER BY id DESC
LIMIT %(limit)s
