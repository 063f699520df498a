SELECT sequencename::text, last_value
FROM pg_sequences
WHERE schemaname = 'public' AND last_value IS NOT NULL
