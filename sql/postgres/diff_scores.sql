-- How many events each side gave a score in each step of 10; the last holds 100 too.
SELECT low, sum(a)::bigint AS a_events, sum(b)::bigint AS b_events
FROM (
    SELECT least(a_score / 10, 9) * 10 AS low, 1 AS a, 0 AS b FROM diff_pairs
    UNION ALL
    SELECT least(b_score / 10, 9) * 10, 0, 1 FROM diff_pairs
) AS sides
GROUP BY low
ORDER BY low
