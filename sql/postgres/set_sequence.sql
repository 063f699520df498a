SELECT setval(('public.' || quote_ident(%(name)s))::regclass, %(last)s)
