INSERT INTO rulesets (ruleset, version, fingerprint, files)
VALUES (%(ruleset)s, %(version)s, %(fingerprint)s, %(files)s)
ON CONFLICT (ruleset, version) DO NOTHING
