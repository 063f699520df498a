-- The writer looks its scores up by all of their key. The planner may take any index for that, and
-- one by the user alone would find all payments of a user who has very many, for each of them.
DROP INDEX risk_scores_user;
CREATE INDEX risk_scores_user ON risk_scores (user_id, event_time, event_id);
