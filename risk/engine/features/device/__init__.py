"""Features of a device, across users."""
