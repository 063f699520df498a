-- Cases whose payments share something with this one's, those that share most first.
SELECT cases.id, cases.state, cases.user_id, cases.score, cases.verdict,
    array_agg(DISTINCT other.kind) AS kinds
FROM case_links AS own
JOIN case_links AS other
    ON (other.kind, other.value) = (own.kind, own.value) AND other.case_id <> own.case_id
JOIN cases ON cases.id = other.case_id
WHERE own.case_id = %(case_id)s
GROUP BY cases.id
ORDER BY count(DISTINCT (other.kind, other.value)) DESC, cases.id DESC
LIMIT %(limit)s
