SELECT measured_at, report FROM drift_reports ORDER BY measured_at DESC LIMIT 1
