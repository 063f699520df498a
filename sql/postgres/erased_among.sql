SELECT user_hash, upto FROM erased_users WHERE user_hash = ANY (%(hashes)s)
