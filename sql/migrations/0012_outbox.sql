-- What other systems are told of cases: one row a destination and case, written with the case.

CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    destination text        NOT NULL CHECK (destination IN ('webhook', 'slack', 'pagerduty')),
    case_id     bigint      NOT NULL REFERENCES cases,
    action      text        NOT NULL CHECK (action IN ('open', 'acknowledge', 'resolve')),
    message     integer     NOT NULL DEFAULT 1,
    state       text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dead')),
    since       timestamptz NOT NULL DEFAULT now(),
    send_at     timestamptz NOT NULL DEFAULT now(),
    attempts    integer     NOT NULL DEFAULT 0,
    error       text        NOT NULL DEFAULT '',
    sent_at     timestamptz,
    UNIQUE (destination, case_id)
);

CREATE INDEX outbox_case ON outbox (case_id);
CREATE INDEX outbox_waiting ON outbox (send_at) WHERE state = 'waiting';
CREATE INDEX outbox_dead ON outbox (since) WHERE state = 'dead';

COMMENT ON TABLE outbox IS 'The latest that each destination is to know of each case.';
COMMENT ON COLUMN outbox.message IS 'counts what it was told: with case and destination the id of a message';
COMMENT ON COLUMN outbox.since IS 'since when it is to be told';
COMMENT ON COLUMN outbox.state IS 'dead: given up, until somebody has it sent again';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'risk_cases') THEN
        GRANT SELECT, INSERT, UPDATE ON outbox TO risk_cases;
    END IF;
END
$$;
