"""Training sets: what scoring saw of payments, and what was known of them at a moment."""
