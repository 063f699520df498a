SELECT at, who, role, step, detail FROM rule_change_events WHERE change_id = %(change_id)s ORDER BY id
