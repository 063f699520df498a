-- Changes of rules and lists that are drafted, proposed and approved in the console. The files of
-- a ruleset stay the truth: nothing here decides a payment.

CREATE TABLE rule_changes (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    revision         integer     NOT NULL DEFAULT 1,
    state            text        NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'proposed', 'approved', 'withdrawn')),
    kind             text        NOT NULL CHECK (kind IN ('rule', 'list')),
    ruleset          text COLLATE "C" NOT NULL,
    name             text COLLATE "C" NOT NULL,
    path             text        NOT NULL,
    text             text        NOT NULL CHECK (length(text) <= 100000),
    base_text        text,
    base_fingerprint text        NOT NULL,
    why              text        NOT NULL DEFAULT '' CHECK (length(why) <= 1000),
    author           text COLLATE "C" NOT NULL,
    version          integer,
    fingerprint      text        NOT NULL DEFAULT '',
    patch            text        NOT NULL DEFAULT '',
    backtest         jsonb,
    approved_by      text COLLATE "C",
    created_at       timestamptz NOT NULL DEFAULT now(),
    changed_at       timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'approved') = (approved_by IS NOT NULL)),
    CHECK (approved_by <> author),
    CHECK ((state IN ('proposed', 'approved')) <= (fingerprint <> '' AND patch <> ''))
);

CREATE INDEX rule_changes_state ON rule_changes (state, id);
CREATE INDEX rule_changes_ruleset ON rule_changes (ruleset, name, id);

COMMENT ON TABLE rule_changes IS 'A new text of one file of a ruleset, and who has agreed to it.';
COMMENT ON COLUMN rule_changes.revision IS 'raised by each change: a step on an older one is refused';
COMMENT ON COLUMN rule_changes.path IS 'of the file within the ruleset''s folder';
COMMENT ON COLUMN rule_changes.base_text IS 'what the file held; null: there was none';
COMMENT ON COLUMN rule_changes.fingerprint IS 'of the ruleset with the change, once it is proposed';
COMMENT ON COLUMN rule_changes.patch IS 'all that is to be committed: what was proposed is approved';
COMMENT ON COLUMN rule_changes.backtest IS 'counts and sums alone, of no user; null: none was made';

CREATE TABLE rule_change_events (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    change_id bigint      NOT NULL REFERENCES rule_changes,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    who       text        NOT NULL,
    role      text        NOT NULL,
    step      text        NOT NULL,
    detail    jsonb       NOT NULL DEFAULT '{}'
);

CREATE INDEX rule_change_events_change ON rule_change_events (change_id, id);

CREATE TRIGGER rule_change_events_are_kept
    BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_change_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

COMMENT ON TABLE rule_change_events IS
    'The trail: every step of every change. Rows are added, and never changed or removed.';
