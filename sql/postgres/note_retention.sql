INSERT INTO store_retention AS kept (store, upto)
VALUES (%(store)s, %(upto)s)
ON CONFLICT (store) DO UPDATE
SET upto = greatest(kept.upto, excluded.upto), applied_at = now()
