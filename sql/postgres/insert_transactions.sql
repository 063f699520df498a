-- A scored payment is never made a late one. Of a late one risk.scores and risk.late tell, in any
-- order; only the latter says how late it is.
INSERT INTO transactions AS stored (
    user_id, event_id, event_time, outcome, amount, currency, merchant_id, merchant_category,
    channel, country, ip, device_id, card_token, source, lat, lon, late_by, behind, run_id,
    attributes, undeclared
)
SELECT
    user_id, event_id, event_time, outcome, amount, currency, merchant_id, merchant_category,
    channel, country, ip, device_id, card_token, source, lat, lon, late_by, behind, run_id,
    attributes, undeclared
FROM staged_transactions
ORDER BY event_id, user_id, event_time
ON CONFLICT (event_id, user_id, event_time) DO UPDATE SET
    outcome = excluded.outcome,
    late_by = excluded.late_by,
    behind = excluded.behind
WHERE stored.outcome = 'late'
    AND (excluded.outcome = 'scored' OR (stored.late_by IS NULL AND excluded.late_by IS NOT NULL))
