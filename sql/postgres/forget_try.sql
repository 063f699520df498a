-- It was right: the user's failures are over; those of others at this address still count.
UPDATE sign_in_tries SET
    failures = CASE WHEN kind = 'user' THEN 0 ELSE greatest(0, failures - 1) END,
    locked_until = now()
WHERE key_hash = %(key_hash)s
