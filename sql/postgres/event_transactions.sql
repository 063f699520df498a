SELECT
    user_id, event_id, event_time, outcome, amount, currency, merchant_id, merchant_category,
    channel, country, ip, device_id, card_token, source, lat, lon, late_by, behind, run_id,
    attributes, undeclared,
    (extract(epoch FROM archived_at) * 1000)::bigint AS archived_at
FROM transactions
WHERE event_id = %(event_id)s
    AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
ORDER BY user_id, event_time
