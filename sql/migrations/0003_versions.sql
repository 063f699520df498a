-- A job's own id, and with what it was submitted, so that another can go on from it.
ALTER TABLE runs
    ADD COLUMN job_id         text    NOT NULL DEFAULT '',
    ADD COLUMN parallelism    integer NOT NULL DEFAULT 1,
    ADD COLUMN consumer_group text    NOT NULL DEFAULT '',
    ADD COLUMN shadow         text    NOT NULL DEFAULT '';

CREATE INDEX runs_ruleset ON runs (ruleset, ruleset_version);

COMMENT ON COLUMN runs.offsets_from IS 'partition to the first offset scored';
COMMENT ON COLUMN runs.offsets_to IS 'partition to the offset after the last one scored';
COMMENT ON COLUMN runs.consumer_group IS 'empty: the job''s own';
COMMENT ON COLUMN runs.shadow IS 'the ruleset scored beside, as name:version; empty: none';

CREATE TABLE rulesets (
    ruleset     text COLLATE "C" NOT NULL,
    version     integer     NOT NULL,
    fingerprint text        NOT NULL,
    files       jsonb       NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ruleset, version)
);

COMMENT ON TABLE rulesets IS
    'Every ruleset that ran, whole: going back to it does not depend on a working tree.';
COMMENT ON COLUMN rulesets.files IS 'path in the ruleset''s folder to text';

CREATE TABLE activations (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ruleset text        NOT NULL,
    version integer     NOT NULL,
    how     text        NOT NULL CHECK (how IN ('first', 'promote', 'rollback')),
    back_to bigint      REFERENCES activations,
    since   timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE activations IS 'Which ruleset counted from when on.';
COMMENT ON COLUMN activations.back_to IS 'the activation that a rollback returns to';

INSERT INTO activations (ruleset, version, how, since)
SELECT ruleset, version, 'first', since FROM active_ruleset;

ALTER TABLE active_ruleset ADD COLUMN activation bigint REFERENCES activations;
UPDATE active_ruleset SET activation = (SELECT max(id) FROM activations);

CREATE TABLE promotion (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    ruleset    text        NOT NULL,
    version    integer     NOT NULL,
    how        text        NOT NULL CHECK (how IN ('promote', 'rollback')),
    run_id     text        NOT NULL,
    old_run_id text        NOT NULL,
    old_job_id text        NOT NULL,
    savepoint  text        NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE promotion IS
    'The promotion or rollback under way: what has to be known to finish it after a crash.';
COMMENT ON COLUMN promotion.savepoint IS 'where the old job stopped; empty: not yet known';
