-- Once a connection.
-- A batch is small beside the tables: look each key up. Left to itself the planner, which has no
-- statistics of temporary tables, reads whole tables of up to some 100,000 rows for each batch.
SET enable_hashjoin = off;
SET enable_mergejoin = off;

CREATE TEMPORARY TABLE staged_scores (
    event_id        text COLLATE "C",
    ruleset         text COLLATE "C",
    ruleset_version integer,
    user_id         text COLLATE "C",
    event_time      bigint,
    run_id          text,
    fingerprint     text,
    revision        smallint,
    score           smallint,
    decision        text,
    reasons         jsonb,
    features        jsonb,
    scored_at       bigint,
    kind            text,
    late            boolean,
    since           jsonb
) ON COMMIT DELETE ROWS;

CREATE TEMPORARY TABLE staged_transactions (
    user_id           text COLLATE "C",
    event_id          text COLLATE "C",
    event_time        bigint,
    outcome           text,
    amount            bigint,
    currency          text,
    merchant_id       text,
    merchant_category text,
    channel           text,
    country           text,
    ip                text,
    device_id         text,
    card_token        text,
    source            text,
    lat               double precision,
    lon               double precision,
    late_by           bigint,
    behind            text,
    run_id            text,
    attributes        jsonb,
    undeclared        jsonb
) ON COMMIT DELETE ROWS;

CREATE TEMPORARY TABLE taken_scores (
    event_id        text COLLATE "C",
    user_id         text COLLATE "C",
    event_time      bigint,
    ruleset         text COLLATE "C",
    ruleset_version integer,
    reasons         jsonb
) ON COMMIT DELETE ROWS;
