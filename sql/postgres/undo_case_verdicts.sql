-- Those of the last judgement: what an earlier one said, before the case was reopened, stays.
UPDATE case_verdicts SET undone_at = now()
WHERE case_id = %(case_id)s
    AND undone_at IS NULL
    AND known_at = (SELECT max(known_at) FROM case_verdicts WHERE case_id = %(case_id)s)
RETURNING id, sent_at
