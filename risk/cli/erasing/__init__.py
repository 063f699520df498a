"""What `risk erase` shows."""
