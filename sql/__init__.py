"""All SQL: `migrations/` makes the schema of Postgres, `postgres/` has one statement a file."""
