-- A case that is there already, and told, is not told anew.
INSERT INTO outbox (destination, case_id, action)
SELECT destination, cases.id, CASE WHEN cases.assignee IS NULL THEN 'open' ELSE 'acknowledge' END
FROM cases, unnest(%(destinations)s::text[]) AS destination
WHERE cases.id = ANY (%(ids)s) AND cases.state <> 'closed' AND cases.decision = ANY (%(decisions)s)
ON CONFLICT (destination, case_id) DO NOTHING
