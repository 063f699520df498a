UPDATE rule_changes SET
    revision = revision + 1,
    changed_at = now(),
    state = %(state)s,
    text = %(text)s,
    why = %(why)s,
    version = %(version)s,
    fingerprint = %(fingerprint)s,
    patch = %(patch)s,
    approved_by = %(approved_by)s
WHERE id = %(id)s
RETURNING *
