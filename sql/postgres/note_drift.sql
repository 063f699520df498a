-- Of an hour the last one is kept, whoever measured it.
INSERT INTO drift_reports AS kept (ruleset, hour, measured_at, level, report)
SELECT %(ruleset)s, date_trunc('hour', at), at, %(level)s, %(report)s
FROM (SELECT to_timestamp(%(at)s / 1000.0)) AS moment (at)
ON CONFLICT (ruleset, hour) DO UPDATE SET
    measured_at = excluded.measured_at,
    level = excluded.level,
    report = excluded.report
WHERE excluded.measured_at >= kept.measured_at
