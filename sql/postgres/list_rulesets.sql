SELECT ruleset, version, fingerprint, archived_at
FROM rulesets
ORDER BY ruleset, version DESC
LIMIT %(limit)s
