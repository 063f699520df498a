-- How often each rule hit live payments of a span of event time, and what became of those of which
-- it is known. `event_at` has the index.
SELECT
    hits.rule,
    count(*) AS hits,
    count(*) FILTER (WHERE verdicts.verdict = 'fraud') AS fraud,
    count(*) FILTER (WHERE verdicts.verdict = 'legitimate') AS legitimate
FROM risk_scores AS scores
JOIN rule_hits AS hits USING (event_id, user_id, event_time, ruleset, ruleset_version)
LEFT JOIN current_verdicts AS verdicts USING (event_id, user_id, event_time)
WHERE scores.event_at >= to_timestamp(%(begin)s / 1000.0)
    AND scores.event_at < to_timestamp(%(end)s / 1000.0)
    AND scores.ruleset = %(ruleset)s
    AND scores.kind = 'live'
GROUP BY hits.rule
