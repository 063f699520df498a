-- What a case says of its alerts, from these alone. What is new wakes a case that was snoozed.
UPDATE cases SET
    revision = cases.revision + 1,
    changed_at = now(),
    state = CASE
        WHEN cases.state <> 'snoozed' THEN cases.state
        WHEN cases.assignee IS NULL THEN 'open'
        ELSE 'claimed'
    END,
    snoozed_until = NULL,
    alerts = found.alerts,
    score = found.score,
    decision = found.decision,
    stake = found.stake,
    users = found.users,
    countries = found.countries,
    rules = hit.rules,
    amounts = money.amounts,
    first_event_time = found.first_event_time,
    last_event_time = found.last_event_time,
    due_at = cases.opened_at + interval '1 minute'
        * CASE found.decision WHEN 'BLOCK' THEN %(block_minutes)s ELSE %(review_minutes)s END
FROM (
    SELECT
        case_id,
        count(*) AS alerts,
        max(score) AS score,
        min(decision) AS decision,
        sum(stake) AS stake,
        array_agg(DISTINCT user_id) AS users,
        coalesce(array_agg(DISTINCT country) FILTER (WHERE country <> ''), '{}') AS countries,
        min(event_time) AS first_event_time,
        max(event_time) AS last_event_time
    FROM case_alerts
    WHERE case_id = ANY (%(ids)s)
    GROUP BY case_id
) AS found,
LATERAL (
    SELECT coalesce(array_agg(DISTINCT rule), '{}') AS rules
    FROM case_alerts, unnest(case_alerts.rules) AS rule
    WHERE case_alerts.case_id = found.case_id
) AS hit,
LATERAL (
    SELECT jsonb_object_agg(currency, total) AS amounts
    FROM (
        SELECT currency, sum(amount) AS total
        FROM case_alerts
        WHERE case_alerts.case_id = found.case_id
        GROUP BY currency
    ) AS sums
) AS money
WHERE cases.id = found.case_id
RETURNING cases.id, cases.revision, cases.state
