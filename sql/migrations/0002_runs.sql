CREATE TABLE runs (
    run_id          text PRIMARY KEY,
    kind            text        NOT NULL,
    ruleset         text        NOT NULL,
    ruleset_version integer     NOT NULL,
    fingerprint     text        NOT NULL,
    code_version    text        NOT NULL,
    placement       text        NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    offsets_from    jsonb       NOT NULL DEFAULT '{}',
    offsets_to      jsonb       NOT NULL DEFAULT '{}',
    counts          jsonb       NOT NULL DEFAULT '{}',
    state           text        NOT NULL DEFAULT 'running'
);

COMMENT ON TABLE runs IS 'Every scoring job: what it ran, on which part of the stream.';
COMMENT ON COLUMN runs.offsets_from IS 'partition to the first offset read';
COMMENT ON COLUMN runs.offsets_to IS 'partition to the offset after the last one read';

CREATE TABLE active_ruleset (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    ruleset  text        NOT NULL,
    version  integer     NOT NULL,
    since    timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE active_ruleset IS 'The one ruleset whose decisions count now.';

CREATE VIEW current_scores AS
SELECT scores.*
FROM risk_scores AS scores
JOIN active_ruleset AS active
    ON active.ruleset = scores.ruleset AND active.version = scores.ruleset_version;

COMMENT ON VIEW current_scores IS 'risk_scores under the active ruleset.';
