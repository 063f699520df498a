"""What Postgres remembers of the engine itself: rulesets, runs, activations, changes under way."""
