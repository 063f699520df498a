-- Once a connection; the planner is told as in prepare_writer.sql.
SET enable_hashjoin = off;
SET enable_mergejoin = off;

CREATE TEMPORARY TABLE staged_feedback (
    feedback_key    text COLLATE "C",
    event_id        text COLLATE "C",
    user_id         text COLLATE "C",
    event_time      bigint,
    verdict         text,
    source          text,
    known_at        bigint,
    said_by         text,
    note            text,
    append_time     bigint,
    kafka_partition integer,
    kafka_offset    bigint
) ON COMMIT DELETE ROWS;
