SELECT event_id, user_id, event_time
FROM risk_scores
WHERE event_id = ANY(%s) AND ruleset = %s AND ruleset_version = %s
