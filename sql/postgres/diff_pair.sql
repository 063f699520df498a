-- Each event that both rulesets have decided, once, with what it is grouped by. Rules see features,
-- and whether a payment was late. Features that aren't the same thing under both are told apart.
CREATE TEMPORARY TABLE diff_pairs AS
SELECT
    a.event_id,
    a.user_id,
    a.event_time,
    a.score AS a_score,
    b.score AS b_score,
    a.decision AS a_decision,
    b.decision AS b_decision,
    a.features - %(differing)s::text [] = b.features - %(differing)s::text []
        AND a.late = b.late AS same_features,
    txn.source,
    txn.country,
    txn.channel,
    txn.amount,
    txn.currency,
    labels.fraud,
    labels.attack
FROM risk_scores AS a
JOIN risk_scores AS b
    ON (b.event_id, b.user_id, b.event_time) = (a.event_id, a.user_id, a.event_time)
LEFT JOIN transactions AS txn
    ON (txn.user_id, txn.event_id, txn.event_time) = (a.user_id, a.event_id, a.event_time)
LEFT JOIN (
    SELECT DISTINCT ON (user_id, event_id, event_time) * FROM diff_labels
) AS labels
    ON (labels.user_id, labels.event_id, labels.event_time) = (a.user_id, a.event_id, a.event_time)
WHERE (a.ruleset, a.ruleset_version) = (%(a_name)s, %(a_version)s)
    AND (b.ruleset, b.ruleset_version) = (%(b_name)s, %(b_version)s)
