SELECT known.user_id, known.event_id, known.event_time, known.ruleset, known.ruleset_version,
    known.case_id, known.revision, known.late
FROM unnest(%(user_ids)s::text[], %(event_ids)s::text[], %(event_times)s::bigint[],
    %(rulesets)s::text[], %(versions)s::int[])
    AS asked (user_id, event_id, event_time, ruleset, ruleset_version)
JOIN case_alerts AS known USING (user_id, event_id, event_time, ruleset, ruleset_version)
