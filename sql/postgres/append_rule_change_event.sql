INSERT INTO rule_change_events (change_id, who, role, step, detail)
VALUES (%(change_id)s, %(who)s, %(role)s, %(step)s, %(detail)s)
