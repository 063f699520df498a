SELECT
    CASE
        WHEN grouping(source) = 0 THEN 'source'
        WHEN grouping(country) = 0 THEN 'country'
        ELSE 'channel'
    END AS kind,
    coalesce(source, country, channel, '') AS name,
    count(*) AS events,
    count(*) FILTER (WHERE fraud) AS fraud,
    count(*) FILTER (WHERE a_decision <> 'ALLOW') AS a_flagged,
    count(*) FILTER (WHERE b_decision <> 'ALLOW') AS b_flagged,
    count(*) FILTER (WHERE a_decision <> 'ALLOW' AND NOT fraud) AS a_false,
    count(*) FILTER (WHERE b_decision <> 'ALLOW' AND NOT fraud) AS b_false,
    count(*) FILTER (WHERE a_decision <> b_decision) AS flips
FROM diff_pairs
GROUP BY GROUPING SETS ((source), (country), (channel))
ORDER BY kind, events DESC, name
