SELECT * FROM activations WHERE id = %(id)s
