INSERT INTO transactions AS stored (
    user_id, event_id, event_time, outcome, amount, currency, merchant_id, merchant_category,
    channel, country, ip, device_id, card_token, source, lat, lon, late_by, run_id
)
SELECT
    user_id, event_id, event_time, outcome, amount, currency, merchant_id, merchant_category,
    channel, country, ip, device_id, card_token, source, lat, lon, late_by, run_id
FROM staged_transactions
ORDER BY user_id, event_id
ON CONFLICT (user_id, event_id) DO UPDATE SET
    outcome = excluded.outcome,
    late_by = excluded.late_by
WHERE stored.outcome = 'late' AND excluded.outcome = 'scored'
