UPDATE sign_in_tries SET locked_until = now() + %(wait)s WHERE key_hash = %(key_hash)s
