INSERT INTO erased_users AS listed (user_hash, upto)
VALUES (%(user_hash)s, %(upto)s)
ON CONFLICT (user_hash) DO UPDATE SET upto = greatest(listed.upto, excluded.upto)
