"""How well a ruleset decides: what it catches, for how many false positives."""
