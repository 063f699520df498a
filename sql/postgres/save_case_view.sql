INSERT INTO case_views AS stored (owner, name, filters, sort, shared)
VALUES (%(owner)s, %(name)s, %(filters)s, %(sort)s, %(shared)s)
ON CONFLICT (owner, name) DO UPDATE SET
    filters = excluded.filters, sort = excluded.sort, shared = excluded.shared
