SELECT DISTINCT event_id, user_id, event_time
FROM risk_scores
WHERE event_id = ANY(%s)
ORDER BY event_id, user_id, event_time
