SELECT files.id, files.name, files.media_type, files.size, files.sha256, files.content
FROM case_files AS files
JOIN case_notes AS notes ON notes.id = files.note_id
WHERE files.id = %(id)s AND notes.case_id = %(case_id)s
