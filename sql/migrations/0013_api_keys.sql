-- Keys of programs that use the HTTP API. The key itself is shown once, and is nowhere.

CREATE TABLE api_keys (
    prefix     text COLLATE "C" PRIMARY KEY CHECK (prefix ~ '^[0-9a-z]{8}$'),
    name       text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    sha256     bytea       NOT NULL CHECK (length(sha256) = 32),
    scopes     text[]      NOT NULL CHECK (cardinality(scopes) > 0),
    rate       integer     CHECK (rate > 0),
    burst      integer     CHECK (burst > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text        NOT NULL,
    revoked_at timestamptz,
    revoked_by text,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);

-- While a key is in use its name means nobody else; what is revoked stays, as the record of it.
CREATE UNIQUE INDEX api_keys_name ON api_keys (name) WHERE revoked_at IS NULL;

COMMENT ON TABLE api_keys IS 'Who may call the HTTP API, and who could once: rows are never deleted.';
COMMENT ON COLUMN api_keys.prefix IS 'how the key begins, after rk_: shown in lists';
COMMENT ON COLUMN api_keys.sha256 IS 'of the whole key, which has 256 bits of randomness';
COMMENT ON COLUMN api_keys.rate IS 'payments and other requests a second; null: that of the settings';
COMMENT ON COLUMN api_keys.burst IS 'how many at once; null: that of the settings';

-- The API's pages of alerts: the latest first, in one order that is the same whatever arrives.
CREATE INDEX risk_scores_alerts
    ON risk_scores (event_time, event_id, user_id, ruleset, ruleset_version)
    WHERE decision <> 'ALLOW' AND kind = 'live';
