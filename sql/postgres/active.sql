SELECT activations.*
FROM active_ruleset
JOIN activations ON activations.id = active_ruleset.activation
