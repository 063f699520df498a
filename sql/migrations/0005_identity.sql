-- A payment is its user_id, event_id and event_time: two that are both scored never share a row.
-- Late payments have a decision too.

ALTER TABLE risk_scores
    DROP CONSTRAINT risk_scores_pkey,
    ADD PRIMARY KEY (event_id, user_id, event_time, ruleset, ruleset_version),
    ADD COLUMN late boolean NOT NULL DEFAULT false;

COMMENT ON TABLE risk_scores IS
    'One row for each payment under each version of a ruleset: its newest revision.';
COMMENT ON COLUMN risk_scores.late IS
    'decided on what the payment itself says; never over a row that is not late';

ALTER TABLE rule_hits
    ADD COLUMN user_id text COLLATE "C",
    ADD COLUMN event_time bigint;

UPDATE rule_hits AS hits
SET user_id = scores.user_id, event_time = scores.event_time
FROM risk_scores AS scores
WHERE (scores.event_id, scores.ruleset, scores.ruleset_version)
    = (hits.event_id, hits.ruleset, hits.ruleset_version);

-- Without a score there is nothing that they are the hits of.
DELETE FROM rule_hits WHERE user_id IS NULL;

ALTER TABLE rule_hits
    DROP CONSTRAINT rule_hits_pkey,
    ALTER COLUMN user_id SET NOT NULL,
    ALTER COLUMN event_time SET NOT NULL,
    ADD PRIMARY KEY (event_id, user_id, event_time, ruleset, ruleset_version, rule);

ALTER TABLE transactions
    DROP CONSTRAINT transactions_pkey,
    ADD PRIMARY KEY (event_id, user_id, event_time),
    ADD COLUMN behind text CHECK (behind IN ('partition', 'frontier'));

UPDATE transactions SET behind = 'partition' WHERE outcome = 'late';

COMMENT ON COLUMN transactions.late_by IS
    'ms; null unless late, and until risk.late has said it';
COMMENT ON COLUMN transactions.behind IS
    'what it is late against: its partition, or the frontier, which went on while that was silent';

CREATE OR REPLACE VIEW current_scores AS
SELECT scores.*
FROM risk_scores AS scores
JOIN active_ruleset AS active
    ON active.ruleset = scores.ruleset AND active.version = scores.ruleset_version;
