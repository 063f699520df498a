INSERT INTO runs (
    run_id, kind, ruleset, ruleset_version, fingerprint, code_version, placement, parallelism,
    consumer_group, shadow, job_id, started_at, ended_at, offsets_from, offsets_to, read_to,
    counts, state, history_since
) VALUES (
    %(run_id)s, %(kind)s, %(ruleset)s, %(ruleset_version)s, %(fingerprint)s, %(code_version)s,
    %(placement)s, %(parallelism)s, %(consumer_group)s, %(shadow)s, %(job_id)s,
    coalesce(%(started_at)s, now()), %(ended_at)s, %(offsets_from)s, %(offsets_to)s, %(read_to)s,
    %(counts)s, %(state)s, %(history_since)s
)
ON CONFLICT (run_id) DO UPDATE SET
    kind = excluded.kind,
    ruleset = excluded.ruleset,
    ruleset_version = excluded.ruleset_version,
    fingerprint = excluded.fingerprint,
    code_version = excluded.code_version,
    placement = excluded.placement,
    parallelism = excluded.parallelism,
    consumer_group = excluded.consumer_group,
    shadow = excluded.shadow,
    job_id = excluded.job_id,
    started_at = excluded.started_at,
    ended_at = excluded.ended_at,
    offsets_from = excluded.offsets_from,
    offsets_to = excluded.offsets_to,
    read_to = excluded.read_to,
    counts = excluded.counts,
    state = excluded.state,
    history_since = excluded.history_since
