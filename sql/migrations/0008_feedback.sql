-- What became of payments, as analysts, banks and other systems say afterwards.

CREATE TABLE risk_feedback (
    feedback_key    text COLLATE "C" PRIMARY KEY,
    event_id        text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    event_time      bigint      NOT NULL,
    event_at        timestamptz NOT NULL GENERATED ALWAYS AS (to_timestamp(event_time / 1000.0)) STORED,
    verdict         text        NOT NULL CHECK (verdict IN ('fraud', 'legitimate')),
    source          text        NOT NULL CHECK (source IN ('import', 'analyst', 'chargeback')),
    source_rank     smallint    NOT NULL GENERATED ALWAYS AS (
        CASE source WHEN 'chargeback' THEN 2 WHEN 'analyst' THEN 1 ELSE 0 END) STORED,
    known_at        timestamptz NOT NULL,
    said_by         text        NOT NULL,
    note            text        NOT NULL,
    appended_at     timestamptz NOT NULL,
    kafka_partition integer     NOT NULL,
    kafka_offset    bigint      NOT NULL
);

CREATE INDEX risk_feedback_payment ON risk_feedback (event_id, user_id, event_time);
CREATE INDEX risk_feedback_known ON risk_feedback (known_at);

COMMENT ON TABLE risk_feedback IS
    'All of risk.feedback: each thing that was said of a payment, once, however often it was sent.';
COMMENT ON COLUMN risk_feedback.feedback_key IS 'a hash of what was said, by whom and of which payment';
COMMENT ON COLUMN risk_feedback.source_rank IS 'the verdict of the highest counts';
COMMENT ON COLUMN risk_feedback.known_at IS 'when the verdict was known, whenever it was sent';
COMMENT ON COLUMN risk_feedback.appended_at IS
    'when it came to Kafka; with partition and offset where it was said first';

CREATE VIEW current_verdicts AS
SELECT DISTINCT ON (event_id, user_id, event_time)
    event_id, user_id, event_time, event_at, verdict, source, known_at, said_by, note, feedback_key
FROM risk_feedback
ORDER BY
    event_id, user_id, event_time,
    source_rank DESC, known_at DESC, appended_at DESC, kafka_partition DESC, kafka_offset DESC;

COMMENT ON VIEW current_verdicts IS
    'The verdict that counts of each payment: the latest of the highest source.';

CREATE VIEW scores_with_verdicts AS
SELECT
    scores.event_id, scores.user_id, scores.event_time, scores.event_at, scores.ruleset,
    scores.ruleset_version, scores.revision, scores.score, scores.decision, scores.late,
    verdicts.verdict, verdicts.source, verdicts.known_at
FROM current_verdicts AS verdicts
JOIN current_scores AS scores USING (event_id, user_id, event_time);

COMMENT ON VIEW scores_with_verdicts IS
    'What the active ruleset decided of the payments of which it is known what became of them.';

CREATE VIEW waiting_verdicts AS
SELECT *
FROM current_verdicts AS verdicts
WHERE NOT EXISTS (
    SELECT
    FROM risk_scores AS scores
    WHERE (scores.event_id, scores.user_id, scores.event_time)
        = (verdicts.event_id, verdicts.user_id, verdicts.event_time)
);

COMMENT ON VIEW waiting_verdicts IS
    'Verdicts whose payment has no score: they count as soon as there is one.';
