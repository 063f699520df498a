INSERT INTO case_notes (case_id, who, note) VALUES (%(case_id)s, %(who)s, %(note)s) RETURNING id
