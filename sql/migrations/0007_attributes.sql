-- Of a payment only who, when and how much is always there. What else it has are its attributes.

ALTER TABLE transactions
    ALTER COLUMN merchant_id DROP NOT NULL,
    ALTER COLUMN merchant_category DROP NOT NULL,
    ALTER COLUMN channel DROP NOT NULL,
    ALTER COLUMN country DROP NOT NULL,
    ALTER COLUMN ip DROP NOT NULL,
    ALTER COLUMN device_id DROP NOT NULL,
    ALTER COLUMN card_token DROP NOT NULL,
    ALTER COLUMN source DROP NOT NULL,
    ADD COLUMN attributes jsonb,
    ADD COLUMN undeclared jsonb;

COMMENT ON COLUMN transactions.attributes IS
    'those that the ruleset declares which archived it first; null: none';
COMMENT ON COLUMN transactions.undeclared IS
    'all other members that it came with, card numbers masked; null: none';
