"""risk.dlq: what is in it, and how it is sent again."""
