-- What each of the engine's roles may do: delivery jobs write scores, commands change what runs, the
-- console works on cases and users, readers read. None of them owns a table, so none drops one.
-- A secure embedded stack gives these roles passwords; elsewhere they wait for accounts that are
-- granted them. Where this account may not make roles, and nobody has, all stays with the owner.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['risk_writer', 'risk_ops', 'risk_console', 'risk_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL;
                WHEN insufficient_privilege THEN
                    RAISE NOTICE 'the role % was not made: this account may not make roles', name;
                    RETURN;
            END;
        END IF;
    END LOOP;

    GRANT SELECT ON schema_migrations, risk_scores, rule_hits, transactions, risk_feedback,
        current_scores, current_verdicts, scores_with_verdicts, waiting_verdicts, runs, active_ruleset,
        rulesets, activations, promotion, models, registered_models, model_deployments, cases,
        case_alerts, case_links, case_verdicts
        TO risk_writer, risk_ops, risk_console, risk_reader;

    GRANT INSERT, UPDATE ON risk_scores, rule_hits, transactions, risk_feedback
        TO risk_writer, risk_ops;
    GRANT DELETE ON rule_hits TO risk_writer;  -- of a score that was corrected
    -- A rebuild empties them.
    GRANT DELETE, TRUNCATE ON risk_scores, rule_hits, transactions, risk_feedback TO risk_ops;
    GRANT INSERT, UPDATE, DELETE ON runs, active_ruleset, rulesets, activations, promotion, models
        TO risk_ops;
    GRANT INSERT ON model_deployments TO risk_ops;

    GRANT INSERT, UPDATE ON cases, case_alerts, case_links, case_verdicts TO risk_console, risk_ops;
    GRANT USAGE ON SEQUENCE cases_id_seq TO risk_console, risk_ops;
    GRANT SELECT, INSERT ON case_events, case_notes, case_files TO risk_console, risk_ops;
    GRANT SELECT, INSERT, UPDATE, DELETE ON case_views, users, sessions, sign_in_tries, outbox, api_keys
        TO risk_console;
    GRANT SELECT, INSERT, UPDATE ON rule_changes TO risk_console;
    GRANT SELECT, INSERT ON rule_change_events, access_log TO risk_console;
END
$$;
