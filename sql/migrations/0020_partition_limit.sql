-- A payment may be late because as many of its partition count already as may. No row of before is,
-- so none is looked at again.
ALTER TABLE transactions
    DROP CONSTRAINT transactions_behind_check,
    ADD CONSTRAINT transactions_behind_check
        CHECK (behind IN ('partition', 'frontier', 'limit')) NOT VALID;

COMMENT ON COLUMN transactions.behind IS
    'what it is late against: its partition; or the frontier, which went on while that was silent; or '
    'the limit of payments of its partition that may count';
