UPDATE cases SET
    revision = revision + 1,
    changed_at = now(),
    state = %(state)s,
    level = %(level)s,
    assignee = %(assignee)s,
    snoozed_until = %(snoozed_until)s,
    verdict = %(verdict)s,
    reason = %(reason)s,
    judged_by = %(judged_by)s,
    judged_at = CASE
        WHEN %(verdict)s::text IS NULL THEN NULL
        WHEN state IN ('pending', 'closed') THEN judged_at
        ELSE now()
    END,
    approved_by = %(approved_by)s
WHERE id = %(id)s
RETURNING *, stake::float8 AS stake
