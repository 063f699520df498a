-- Who was erased: no delivery brings back what a person's erasure has removed, however often Kafka
-- says it again. A person is named here by a salted hash of the user_id alone.

CREATE TABLE erasure_salt (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    salt     bytea NOT NULL CHECK (length(salt) = 32)
);

-- Each uuid has 122 random bits.
INSERT INTO erasure_salt (salt)
SELECT sha256(convert_to(
    gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'));

COMMENT ON TABLE erasure_salt IS
    'What user_ids are hashed with: made with this database, and never changed.';

CREATE TABLE erased_users (
    user_hash bytea  PRIMARY KEY CHECK (length(user_hash) = 32),
    upto      bigint NOT NULL
);

COMMENT ON TABLE erased_users IS 'Whose payments no store takes any more, and up to which event time.';
COMMENT ON COLUMN erased_users.user_hash IS 'SHA-256 of the salt and the user_id';
COMMENT ON COLUMN erased_users.upto IS 'event time, ms UTC; later payments are a new customer''s';

CREATE TABLE erasures (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_hash   bytea       NOT NULL CHECK (length(user_hash) = 32),
    upto        bigint      NOT NULL,
    who         text        NOT NULL,
    reason      text        NOT NULL DEFAULT '',
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    removed     jsonb       NOT NULL DEFAULT '{}',
    certificate jsonb,
    CHECK ((finished_at IS NULL) = (certificate IS NULL))
);

-- One that was interrupted is gone on with, and no second one is begun beside it.
CREATE UNIQUE INDEX erasures_under_way ON erasures (user_hash) WHERE finished_at IS NULL;

CREATE TRIGGER erasures_are_kept
    BEFORE DELETE OR TRUNCATE ON erasures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

COMMENT ON TABLE erasures IS 'Each erasure: who did it, when, what it removed. Rows are never removed.';
COMMENT ON COLUMN erasures.removed IS 'place to what was removed there so far';

-- Trails keep that something was done. Whom it was about is taken out of them, by an erasure that is
-- under way alone, and nothing is added or altered.
CREATE FUNCTION refuse_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM erasures
        WHERE id = nullif(current_setting('risk.erasure', true), '')::bigint
            AND finished_at IS NULL
    ) THEN
        RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_all_but_the_person() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    becomes jsonb := to_jsonb(NEW);
BEGIN
    IF TG_TABLE_NAME = 'access_log' THEN
        IF becomes = was || '{"user_id": "erased", "event_id": "erased", "event_time": 0}' THEN
            RETURN NEW;
        END IF;
    ELSIF becomes - 'detail' = was - 'detail' AND was -> 'detail' @> (becomes -> 'detail') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME;
END
$$;

DROP TRIGGER case_events_are_kept ON case_events;
CREATE TRIGGER case_events_are_kept
    BEFORE DELETE OR TRUNCATE ON case_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_events_but_erasure
    BEFORE UPDATE ON case_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_but_erasure();
CREATE TRIGGER case_events_but_the_person
    BEFORE UPDATE ON case_events
    FOR EACH ROW EXECUTE FUNCTION keep_all_but_the_person();

DROP TRIGGER access_log_is_append_only ON access_log;
CREATE TRIGGER access_log_is_append_only
    BEFORE DELETE OR TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_but_erasure
    BEFORE UPDATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_but_erasure();
CREATE TRIGGER access_log_but_the_person
    BEFORE UPDATE ON access_log
    FOR EACH ROW EXECUTE FUNCTION keep_all_but_the_person();

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'risk_cases') THEN
        GRANT SELECT ON erasure_salt, erased_users TO risk_cases;
    END IF;
    -- An erasure itself is the owner's. A rebuild tells the list to a store again.
    IF (SELECT count(*) FROM pg_roles
        WHERE rolname IN ('risk_writer', 'risk_ops', 'risk_console', 'risk_reader')) = 4 THEN
        GRANT SELECT ON erasure_salt, erased_users
            TO risk_writer, risk_ops, risk_console, risk_reader;
        GRANT INSERT, UPDATE ON erased_users TO risk_ops;
        GRANT SELECT ON erasures TO risk_ops, risk_reader;
    END IF;
END
$$;
