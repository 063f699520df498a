SELECT notes.id, notes.at, notes.who, notes.note,
    coalesce(
        jsonb_agg(
            jsonb_build_object('id', files.id, 'name', files.name, 'media_type', files.media_type,
                'size', files.size, 'sha256', files.sha256)
            ORDER BY files.id
        ) FILTER (WHERE files.id IS NOT NULL),
        '[]'
    ) AS files
FROM case_notes AS notes
LEFT JOIN case_files AS files ON files.note_id = notes.id
WHERE notes.case_id = %(case_id)s
GROUP BY notes.id
ORDER BY notes.id
