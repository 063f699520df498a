SELECT owner, name, filters, sort, shared
FROM case_views
WHERE owner = %(owner)s OR shared
ORDER BY owner <> %(owner)s, name, owner
