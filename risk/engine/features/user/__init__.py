"""Features of a user, from the events of that user alone."""
