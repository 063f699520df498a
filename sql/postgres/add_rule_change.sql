INSERT INTO rule_changes (kind, ruleset, name, path, text, base_text, base_fingerprint, why, author)
VALUES (
    %(kind)s, %(ruleset)s, %(name)s, %(path)s, %(text)s, %(base_text)s, %(base_fingerprint)s,
    %(why)s, %(author)s
)
RETURNING *
