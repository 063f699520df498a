"""Features: what is known of a transaction from the events before it."""
