INSERT INTO model_deployments (
    activation, ruleset, version, fingerprint, asked, model, sha256, arm, share, salt, run_id,
    offsets
) VALUES (
    %(activation)s, %(ruleset)s, %(version)s, %(fingerprint)s, %(asked)s, %(model)s, %(sha256)s,
    %(arm)s, %(share)s, %(salt)s, %(run_id)s, %(offsets)s
)
