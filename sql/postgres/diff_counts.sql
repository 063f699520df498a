SELECT
    (
        SELECT count(*) FROM risk_scores
        WHERE (ruleset, ruleset_version) = (%(a_name)s, %(a_version)s)
    ) AS a_events,
    (
        SELECT count(*) FROM risk_scores
        WHERE (ruleset, ruleset_version) = (%(b_name)s, %(b_version)s)
    ) AS b_events,
    count(*) AS events,
    count(*) FILTER (WHERE NOT same_features) AS other_features,
    count(fraud) AS labelled,
    count(*) FILTER (WHERE fraud) AS fraud,
    coalesce(avg(b_score - a_score), 0)::float AS mean_shift,
    count(*) FILTER (WHERE b_score <> a_score) AS shifted,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM diff_pairs
