WITH alerts AS (
    DELETE FROM case_alerts
    WHERE user_id = %(user_id)s AND event_time <= %(upto)s
    RETURNING 1
), links AS (
    DELETE FROM case_links
    WHERE user_id = %(user_id)s AND last_event_time <= %(upto)s
    RETURNING 1
), verdicts AS (
    DELETE FROM case_verdicts
    WHERE user_id = %(user_id)s AND event_time <= %(upto)s
    RETURNING 1
), views AS (
    DELETE FROM case_views WHERE filters ->> 'user' = %(user_id)s RETURNING 1
)
SELECT
    (SELECT count(*) FROM alerts) AS case_alerts,
    (SELECT count(*) FROM links) AS case_links,
    (SELECT count(*) FROM verdicts) AS case_verdicts,
    (SELECT count(*) FROM views) AS case_views
