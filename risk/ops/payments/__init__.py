"""What is known around a payment: the user's others, those that share something, its ruleset."""
