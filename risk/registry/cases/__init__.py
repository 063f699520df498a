"""Cases in Postgres: rows and statements. What may be done is decided in risk/ops/cases."""
