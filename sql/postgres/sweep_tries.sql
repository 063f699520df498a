DELETE FROM sign_in_tries WHERE tried_at < now() - interval '1 day' AND locked_until <= now()
