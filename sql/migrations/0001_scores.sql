-- Identifiers sort by code point, as in Python: scans come in the same order from every store.

CREATE TABLE risk_scores (
    event_id        text COLLATE "C" NOT NULL,
    ruleset         text COLLATE "C" NOT NULL,
    ruleset_version integer     NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    event_time      bigint      NOT NULL,
    event_at        timestamptz NOT NULL GENERATED ALWAYS AS (to_timestamp(event_time / 1000.0)) STORED,
    run_id          text        NOT NULL,
    fingerprint     text        NOT NULL,
    revision        smallint    NOT NULL,
    score           smallint    NOT NULL,
    decision        text        NOT NULL,
    reasons         jsonb       NOT NULL,
    features        jsonb       NOT NULL,
    scored_at       timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (event_id, ruleset, ruleset_version),
    CHECK (decision IN ('ALLOW', 'REVIEW', 'BLOCK'))
) WITH (fillfactor = 90);  -- room for corrections beside the row they replace

-- Rows arrive nearly in the order of time: a BRIN index is enough for a range of it, and is tiny.
CREATE INDEX risk_scores_time ON risk_scores USING brin (event_at) WITH (pages_per_range = 32);
CREATE INDEX risk_scores_user ON risk_scores (user_id, event_at);
CREATE INDEX risk_scores_flagged ON risk_scores (decision, event_at) WHERE decision <> 'ALLOW';

COMMENT ON TABLE risk_scores IS
    'One row for each event under each version of a ruleset: its newest revision.';
COMMENT ON COLUMN risk_scores.event_time IS 'ms UTC; event_at is the same as a timestamp';
COMMENT ON COLUMN risk_scores.revision IS '0: the first score; 1: corrected by a straggler';
COMMENT ON COLUMN risk_scores.updated_at IS 'when this revision was written here';

-- No foreign key: the writer replaces a score and its hits in one transaction, and a check for
-- each hit would cost more than the hit.
CREATE TABLE rule_hits (
    event_id        text COLLATE "C" NOT NULL,
    ruleset         text COLLATE "C" NOT NULL,
    ruleset_version integer NOT NULL,
    rule            text COLLATE "C" NOT NULL,
    rule_version    integer NOT NULL,
    points          integer NOT NULL,
    PRIMARY KEY (event_id, ruleset, ruleset_version, rule)
);

COMMENT ON TABLE rule_hits IS 'The rules that made up each score of risk_scores.';

CREATE TABLE transactions (
    user_id           text COLLATE "C" NOT NULL,
    event_id          text COLLATE "C" NOT NULL,
    event_time        bigint      NOT NULL,
    event_at          timestamptz NOT NULL GENERATED ALWAYS AS (to_timestamp(event_time / 1000.0)) STORED,
    outcome           text        NOT NULL,
    amount            bigint      NOT NULL,
    currency          text        NOT NULL,
    merchant_id       text        NOT NULL,
    merchant_category text        NOT NULL,
    channel           text        NOT NULL,
    country           text        NOT NULL,
    ip                text        NOT NULL,
    device_id         text        NOT NULL,
    card_token        text        NOT NULL,
    source            text        NOT NULL,
    lat               double precision,
    lon               double precision,
    late_by           bigint,
    run_id            text        NOT NULL,
    archived_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, event_id),
    CHECK (outcome IN ('scored', 'late'))
);

CREATE INDEX transactions_time ON transactions USING brin (event_at) WITH (pages_per_range = 32);

COMMENT ON TABLE transactions IS 'Every accepted transaction, once, with its card token masked.';
COMMENT ON COLUMN transactions.amount IS 'integer minor units of currency';
COMMENT ON COLUMN transactions.late_by IS 'ms behind its partition; null unless late';
COMMENT ON COLUMN transactions.run_id IS 'the run that archived it first';
