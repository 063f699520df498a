SELECT user_id, event_id, event_time, ruleset, ruleset_version, case_id, revision, late, score,
    decision, rules, reasons, payment, amount, currency, country, run_id, raised_at
FROM case_alerts
WHERE case_id = %(case_id)s
ORDER BY event_time DESC, event_id, user_id
LIMIT %(limit)s
