SELECT ruleset, version, fingerprint, files
FROM rulesets
WHERE ruleset = %(ruleset)s AND (%(version)s::integer IS NULL OR version = %(version)s)
ORDER BY version DESC
LIMIT 1
