SELECT user_hash, upto FROM erased_users
