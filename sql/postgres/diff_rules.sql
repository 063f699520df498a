-- How often each rule hit on each side, and how many of these events were fraud.
SELECT
    rule,
    sum(a_hits)::bigint AS a_hits,
    sum(b_hits)::bigint AS b_hits,
    sum(a_fraud)::bigint AS a_fraud,
    sum(b_fraud)::bigint AS b_fraud
FROM (
    SELECT hits.rule, 1 AS a_hits, 0 AS b_hits, (fraud IS TRUE)::integer AS a_fraud, 0 AS b_fraud
    FROM diff_pairs
    JOIN rule_hits AS hits
        ON (hits.event_id, hits.user_id, hits.event_time, hits.ruleset, hits.ruleset_version)
            = (
                diff_pairs.event_id, diff_pairs.user_id, diff_pairs.event_time,
                %(a_name)s, %(a_version)s
            )
    UNION ALL
    SELECT hits.rule, 0, 1, 0, (fraud IS TRUE)::integer
    FROM diff_pairs
    JOIN rule_hits AS hits
        ON (hits.event_id, hits.user_id, hits.event_time, hits.ruleset, hits.ruleset_version)
            = (
                diff_pairs.event_id, diff_pairs.user_id, diff_pairs.event_time,
                %(b_name)s, %(b_version)s
            )
) AS sides
GROUP BY rule
ORDER BY rule
