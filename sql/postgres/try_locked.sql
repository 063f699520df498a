SELECT greatest(0, extract(epoch FROM locked_until - now()))::float8 AS wait_s
FROM sign_in_tries WHERE key_hash = %(key_hash)s
