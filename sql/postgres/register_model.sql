INSERT INTO models (sha256, name, kind, set_sha256, card, note)
VALUES (%(sha256)s, %(name)s, %(kind)s, %(set_sha256)s, %(card)s, %(note)s)
ON CONFLICT (sha256) DO UPDATE SET
    set_sha256 = coalesce(nullif(excluded.set_sha256, ''), models.set_sha256),
    card = CASE WHEN excluded.card = '{}' THEN models.card ELSE excluded.card END,
    note = coalesce(nullif(excluded.note, ''), models.note)
