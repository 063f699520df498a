SELECT * FROM rule_changes WHERE id = %(id)s FOR UPDATE
