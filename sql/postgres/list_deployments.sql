SELECT *
FROM model_deployments
WHERE %(activation)s::bigint IS NULL OR activation = %(activation)s
ORDER BY activation DESC, asked, arm
LIMIT %(limit)s
