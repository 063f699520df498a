DELETE FROM drift_reports WHERE hour < to_timestamp(%(before)s / 1000.0)
