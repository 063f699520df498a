"""What `risk diff` finds out, and how it shows it."""
