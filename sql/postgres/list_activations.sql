SELECT * FROM activations ORDER BY id DESC LIMIT %(limit)s
