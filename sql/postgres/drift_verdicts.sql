-- What became of a span's flagged payments: of each the verdict that counted so long after it, by the
-- order of current_verdicts. So payments of long ago have no more time than those of lately. What
-- people and banks say is known when it stands in the log; an import says itself since when.
SELECT
    count(*) AS flagged,
    count(*) FILTER (WHERE said.verdict = 'fraud') AS fraud,
    count(*) FILTER (WHERE said.verdict = 'legitimate') AS legitimate
FROM risk_scores AS scores
LEFT JOIN LATERAL (
    SELECT feedback.verdict
    FROM risk_feedback AS feedback
    WHERE (feedback.event_id, feedback.user_id, feedback.event_time)
        = (scores.event_id, scores.user_id, scores.event_time)
        AND CASE
            WHEN feedback.source = 'import' THEN feedback.known_at
            ELSE greatest(feedback.known_at, feedback.appended_at)
        END <= scores.event_at + %(age_ms)s * interval '1 millisecond'
    ORDER BY
        feedback.source_rank DESC, feedback.known_at DESC, feedback.appended_at DESC,
        feedback.kafka_partition DESC, feedback.kafka_offset DESC
    LIMIT 1
) AS said ON true
WHERE scores.event_at >= to_timestamp(%(begin)s / 1000.0)
    AND scores.event_at < to_timestamp(%(end)s / 1000.0)
    AND scores.decision IN ('REVIEW', 'BLOCK')
    AND scores.decision <> 'ALLOW'  -- as the index has it
    AND NOT scores.late
    AND scores.ruleset = %(ruleset)s
    AND (
        scores.ruleset_version = %(version)s::integer
        OR (%(version)s::integer IS NULL AND scores.kind = 'live')
    )
