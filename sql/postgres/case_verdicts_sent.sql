UPDATE case_verdicts SET sent_at = now() WHERE id = ANY (%(ids)s)
