INSERT INTO case_alerts AS stored (
    user_id, event_id, event_time, ruleset, ruleset_version, case_id, revision, late, score,
    decision, rules, reasons, payment, amount, currency, stake, country, run_id, raised_at
)
VALUES (
    %(user_id)s, %(event_id)s, %(event_time)s, %(ruleset)s, %(ruleset_version)s, %(case_id)s,
    %(revision)s, %(late)s, %(score)s, %(decision)s, %(rules)s, %(reasons)s::jsonb,
    %(payment)s::jsonb, %(amount)s, %(currency)s, %(stake)s, %(country)s, %(run_id)s,
    to_timestamp(%(raised_at)s / 1000.0)
)
ON CONFLICT (user_id, event_id, event_time, ruleset, ruleset_version) DO UPDATE SET
    revision = excluded.revision,
    late = excluded.late,
    score = excluded.score,
    decision = excluded.decision,
    rules = excluded.rules,
    reasons = excluded.reasons,
    payment = excluded.payment,
    amount = excluded.amount,
    currency = excluded.currency,
    stake = excluded.stake,
    country = excluded.country,
    run_id = excluded.run_id,
    raised_at = excluded.raised_at
-- An older revision never replaces a newer one, and a late payment none that was in time.
WHERE (NOT excluded.late, excluded.revision) > (NOT stored.late, stored.revision)
