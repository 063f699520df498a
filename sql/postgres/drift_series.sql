-- Features stand in the order of their PSI, the highest first.
SELECT
    measured_at, level,
    (report -> 'score' ->> 'psi')::float8 AS score_psi,
    report -> 'features' -> 0 ->> 'name' AS feature,
    (report -> 'features' -> 0 ->> 'psi')::float8 AS feature_psi
FROM drift_reports
WHERE ruleset = %(ruleset)s AND hour >= to_timestamp(%(since)s / 1000.0)
ORDER BY hour
