SELECT *
FROM registered_models
WHERE %(name)s::text IS NULL OR name = %(name)s
ORDER BY created_at DESC, name, sha256
LIMIT %(limit)s
