"""Why a payment has its score, and what would have changed it, by the engine's own functions."""
