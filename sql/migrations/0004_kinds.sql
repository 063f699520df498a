ALTER TABLE risk_scores
    ADD COLUMN kind text NOT NULL DEFAULT 'live' CHECK (kind IN ('live', 'shadow', 'replay'));

COMMENT ON COLUMN risk_scores.kind IS
    'live: the decision that counts; shadow and replay: made beside it, a replay never over another';

ALTER TABLE runs ADD COLUMN read_to jsonb NOT NULL DEFAULT '{}';

COMMENT ON COLUMN runs.read_to IS
    'partition to the offset up to which a replay reads, also behind what it scores';
