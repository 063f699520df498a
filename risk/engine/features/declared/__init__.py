"""Features that a ruleset declares: what they are, and the code that they are compiled to."""
