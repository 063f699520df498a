SELECT
    CASE WHEN fraud THEN coalesce(attack, 'other') ELSE '' END AS attack,
    count(*) AS events,
    count(*) FILTER (WHERE a_decision <> 'ALLOW') AS a_flagged,
    count(*) FILTER (WHERE b_decision <> 'ALLOW') AS b_flagged,
    count(*) FILTER (WHERE a_decision = 'BLOCK') AS a_blocked,
    count(*) FILTER (WHERE b_decision = 'BLOCK') AS b_blocked,
    count(*) FILTER (WHERE a_decision = 'ALLOW' AND b_decision <> 'ALLOW') AS gained,
    count(*) FILTER (WHERE a_decision <> 'ALLOW' AND b_decision = 'ALLOW') AS lost
FROM diff_pairs
WHERE fraud IS NOT NULL
GROUP BY 1
ORDER BY 1
