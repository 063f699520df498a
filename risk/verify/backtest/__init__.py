"""A ruleset on stored payments: each is decided again, on its features as they were."""
