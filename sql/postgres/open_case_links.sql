SELECT links.kind, links.value, links.case_id, links.user_id, links.last_event_time
FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS asked (kind, value)
JOIN case_links AS links USING (kind, value)
JOIN cases ON cases.id = links.case_id AND cases.state <> 'closed'
ORDER BY links.case_id
