"""What Postgres remembers of the engine: rulesets, runs, activations, models, changes under way."""
