"""What decides: payments, features, rules, scores. Pure: no I/O, no clock, no randomness."""
