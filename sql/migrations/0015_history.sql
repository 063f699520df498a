-- From when on a run knows all payments, and which features of a score look further back than that.

ALTER TABLE runs ADD COLUMN history_since bigint;

COMMENT ON COLUMN runs.history_since IS
    'event time, ms UTC, from which on it has read all payments; null: all that there ever were';

ALTER TABLE promotion ADD COLUMN history_since bigint;

COMMENT ON COLUMN promotion.history_since IS 'that of the run that takes over, once it is known';

-- Empty, and not null, where nothing is lacking: rows are compared with it.
ALTER TABLE risk_scores ADD COLUMN since jsonb NOT NULL DEFAULT '{}';

COMMENT ON COLUMN risk_scores.since IS
    'features that lack history, each with the event time, ms UTC, from which on it knows every payment';

CREATE OR REPLACE VIEW current_scores AS
SELECT scores.*
FROM risk_scores AS scores
JOIN active_ruleset AS active
    ON active.ruleset = scores.ruleset AND active.version = scores.ruleset_version;
