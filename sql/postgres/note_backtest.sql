UPDATE rule_changes SET backtest = %(backtest)s WHERE id = %(id)s
