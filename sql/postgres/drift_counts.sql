-- How many payments a span of event time has, by what was decided. `event_at` has the index.
SELECT decision, late, ruleset_version AS version, count(*) AS payments
FROM risk_scores
WHERE event_at >= to_timestamp(%(begin)s / 1000.0)
    AND event_at < to_timestamp(%(end)s / 1000.0)
    AND ruleset = %(ruleset)s
    AND (ruleset_version = %(version)s::integer OR (%(version)s::integer IS NULL AND kind = 'live'))
GROUP BY decision, late, ruleset_version
