TRUNCATE risk_scores, rule_hits, transactions
