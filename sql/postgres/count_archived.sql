SELECT count(*) FROM transactions WHERE event_id = ANY(%s)
