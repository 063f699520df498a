-- Who may use the console: users with their roles, their sessions, failed sign-ins, and which
-- masked values were shown to whom.

CREATE TABLE users (
    name             text COLLATE "C" PRIMARY KEY CHECK (name <> '' AND length(name) <= 128),
    role             text        NOT NULL CHECK (role IN ('viewer', 'analyst', 'lead', 'admin')),
    password_hash    text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    password_set_at  timestamptz,
    signed_in_at     timestamptz,
    disabled_at      timestamptz
);

COMMENT ON COLUMN users.password_hash IS 'argon2id; null: signs in through OpenID Connect alone';

CREATE TABLE sessions (
    token_hash  bytea       PRIMARY KEY CHECK (length(token_hash) = 32),
    user_name   text COLLATE "C" NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    idle        interval    NOT NULL,
    address     text        NOT NULL
);

CREATE INDEX sessions_user ON sessions (user_name);
CREATE INDEX sessions_expiry ON sessions (expires_at);

COMMENT ON COLUMN sessions.token_hash IS 'SHA-256 of the token, which only the browser has';

CREATE TABLE sign_in_tries (
    key_hash      bytea       PRIMARY KEY CHECK (length(key_hash) = 32),
    kind          text        NOT NULL CHECK (kind IN ('user', 'address')),
    failures      integer     NOT NULL,
    tried_at      timestamptz NOT NULL DEFAULT now(),
    locked_until  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX sign_in_tries_time ON sign_in_tries (tried_at);

COMMENT ON COLUMN sign_in_tries.key_hash IS
    'SHA-256 of kind and name or address: what is typed in the wrong field is not kept readable';

CREATE TABLE access_log (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    user_name  text COLLATE "C" NOT NULL,
    role       text        NOT NULL,
    user_id    text COLLATE "C" NOT NULL,
    event_id   text COLLATE "C" NOT NULL,
    event_time bigint      NOT NULL,
    fields     text[]      NOT NULL,
    address    text        NOT NULL
);

CREATE INDEX access_log_payment ON access_log (user_id, event_id);

COMMENT ON TABLE access_log IS
    'Which masked fields of which payment were shown to whom. Append-only.';
COMMENT ON COLUMN access_log.user_id IS 'the payment''s; user_name is who looked';

CREATE TRIGGER access_log_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
