-- Models by the content of their files, and which of them answered for whom from when on.

CREATE TABLE models (
    sha256     text COLLATE "C" PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    name       text COLLATE "C" NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('boosting', 'forest', 'isolation')),
    set_sha256 text        NOT NULL DEFAULT '',
    card       jsonb       NOT NULL DEFAULT '{}',
    note       text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX models_name ON models (name, created_at);

COMMENT ON TABLE models IS 'Each model that was registered or deployed: its file is its identity.';
COMMENT ON COLUMN models.sha256 IS 'of the file';
COMMENT ON COLUMN models.set_sha256 IS 'of the training set, as the card has it; empty: unknown';
COMMENT ON COLUMN models.card IS 'what the model''s card says, its figures among it; {}: no card';

CREATE TABLE model_deployments (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    activation  bigint      NOT NULL REFERENCES activations,
    ruleset     text COLLATE "C" NOT NULL,
    version     integer     NOT NULL,
    fingerprint text        NOT NULL,
    asked       text COLLATE "C" NOT NULL,
    model       text COLLATE "C" NOT NULL,
    sha256      text COLLATE "C" NOT NULL REFERENCES models,
    arm         text        NOT NULL CHECK (arm IN ('champion', 'challenger', 'shadow')),
    share       smallint    NOT NULL CHECK (share BETWEEN 0 AND 1000),
    salt        text        NOT NULL DEFAULT '',
    run_id      text        NOT NULL,
    offsets     jsonb       NOT NULL DEFAULT '{}',
    since       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (activation, asked, arm)
);

CREATE INDEX model_deployments_model ON model_deployments (sha256);

COMMENT ON TABLE model_deployments IS
    'What each activation of a ruleset carried: rows are added, and never changed.';
COMMENT ON COLUMN model_deployments.asked IS 'the name that rules ask';
COMMENT ON COLUMN model_deployments.model IS 'the model that answers';
COMMENT ON COLUMN model_deployments.arm IS 'shadow: told beside, and asked by no rule';
COMMENT ON COLUMN model_deployments.share IS 'thousandths of the users';
COMMENT ON COLUMN model_deployments.offsets IS 'partition to the first offset that the run scored';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER model_deployments_are_kept
    BEFORE UPDATE OR DELETE OR TRUNCATE ON model_deployments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW registered_models AS
SELECT
    models.sha256, models.name, models.kind, models.set_sha256, models.card, models.note,
    models.created_at,
    CASE
        WHEN bool_or(active.activation IS NOT NULL AND deployed.arm = 'champion') THEN 'production'
        WHEN bool_or(active.activation IS NOT NULL AND deployed.arm = 'challenger') THEN 'rollout'
        WHEN count(active.activation) > 0 THEN 'shadow'
        WHEN count(deployed.id) > 0 THEN 'retired'
        ELSE 'candidate'
    END AS status
FROM models
LEFT JOIN model_deployments AS deployed ON deployed.sha256 = models.sha256
LEFT JOIN active_ruleset AS active ON active.activation = deployed.activation
GROUP BY models.sha256;

COMMENT ON VIEW registered_models IS
    'Models with what they are now: that follows from the active ruleset, and nobody sets it.';
