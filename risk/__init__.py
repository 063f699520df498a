"""The domain: events, features, rules and scores. Pure: no I/O, no clock, no randomness."""
