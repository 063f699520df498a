-- By how many points scores moved, in steps of 10 away from 0; 0 is no step but exactly that.
SELECT sign(b_score - a_score)::integer * ceil(abs(b_score - a_score) / 10.0)::integer * 10 AS upto,
    count(*) AS events,
    count(*) FILTER (WHERE fraud) AS fraud
FROM diff_pairs
GROUP BY upto
ORDER BY upto
