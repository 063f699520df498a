SELECT
    a_decision,
    b_decision,
    count(*) AS events,
    count(*) FILTER (WHERE fraud) AS fraud
FROM diff_pairs
GROUP BY a_decision, b_decision
