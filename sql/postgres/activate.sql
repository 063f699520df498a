WITH begun AS (
    INSERT INTO activations (ruleset, version, how, back_to)
    VALUES (%(ruleset)s, %(version)s, %(how)s, %(back_to)s)
    RETURNING id, since
)
INSERT INTO active_ruleset (ruleset, version, since, activation)
SELECT %(ruleset)s, %(version)s, since, id FROM begun
ON CONFLICT (only_row) DO UPDATE SET
    ruleset = excluded.ruleset,
    version = excluded.version,
    since = excluded.since,
    activation = excluded.activation
