"""The HTTP API: payments in, decisions out, alerts, verdicts."""
