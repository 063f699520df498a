-- How far payments had drifted, by the hour: `risk exporter` measures the active ruleset.

CREATE TABLE drift_reports (
    ruleset     text COLLATE "C" NOT NULL,
    hour        timestamptz NOT NULL,
    measured_at timestamptz NOT NULL,
    level       text        NOT NULL CHECK (level IN ('too few', 'none', 'some', 'much')),
    report      jsonb       NOT NULL,
    PRIMARY KEY (ruleset, hour)
);

CREATE INDEX drift_reports_hour ON drift_reports (hour);

COMMENT ON TABLE drift_reports IS
    'The last search for drift of each hour: the last 24 hours against the seven days before them.';
COMMENT ON COLUMN drift_reports.report IS 'all that `risk drift --json` would have said';

-- What the exporter, which reads all else, has measured is its own.
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_roles
        WHERE rolname IN ('risk_ops', 'risk_console', 'risk_reader')) = 3 THEN
        GRANT SELECT ON drift_reports TO risk_ops, risk_console, risk_reader;
        GRANT INSERT, UPDATE, DELETE ON drift_reports TO risk_reader;
    END IF;
END
$$;
