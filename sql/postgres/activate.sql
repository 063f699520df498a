-- Activating what is active already leaves `since` as it was.
INSERT INTO active_ruleset AS stored (ruleset, version)
VALUES (%(ruleset)s, %(version)s)
ON CONFLICT (only_row) DO UPDATE SET
    ruleset = excluded.ruleset,
    version = excluded.version,
    since = excluded.since
WHERE (stored.ruleset, stored.version) <> (excluded.ruleset, excluded.version)
