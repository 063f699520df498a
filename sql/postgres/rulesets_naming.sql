-- Rules and lists are files that people keep: they are told of, and not changed.
SELECT ruleset, version
FROM rulesets
WHERE EXISTS (
    SELECT FROM jsonb_each_text(files) AS file (path, content)
    WHERE strpos(file.content, %(user_id)s) > 0
)
ORDER BY ruleset, version
