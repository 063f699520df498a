"""What another ruleset decides otherwise, why, and whether that is better."""
