INSERT INTO case_files (note_id, name, media_type, content)
VALUES (%(note_id)s, %(name)s, %(media_type)s, %(content)s)
