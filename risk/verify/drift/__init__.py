"""Whether features, scores and decisions are still distributed as they were."""
