-- Up to which event time a store's rows were removed, as they were past its retention: who compares
-- stores with Kafka doesn't miss them.

CREATE TABLE store_retention (
    store      text COLLATE "C" PRIMARY KEY,
    upto       bigint      NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE store_retention IS
    'How far `risk retention apply` has come in each store. It never goes back.';
COMMENT ON COLUMN store_retention.upto IS
    'event time, ms UTC: payments before it may be missing';

-- Payments that somebody works on: they outlast any retention.
CREATE VIEW payments_under_review AS
SELECT alerts.user_id, alerts.event_id, alerts.event_time
FROM case_alerts AS alerts
JOIN cases ON cases.id = alerts.case_id
WHERE cases.state <> 'closed';

-- It is done by a command, as a rebuild is, which may delete scores already.
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_roles
        WHERE rolname IN ('risk_writer', 'risk_ops', 'risk_console', 'risk_reader')) = 4 THEN
        GRANT SELECT ON store_retention, payments_under_review
            TO risk_writer, risk_ops, risk_console, risk_reader;
        GRANT INSERT, UPDATE ON store_retention TO risk_ops;
    END IF;
END
$$;
