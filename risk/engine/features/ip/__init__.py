"""Features of an IP address, across users."""
