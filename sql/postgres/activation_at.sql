SELECT * FROM activations WHERE since <= %(at)s ORDER BY id DESC LIMIT 1
