"""Daily retraining: a set, candidates, a gate, and the shadow for what passes."""
