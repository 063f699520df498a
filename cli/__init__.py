"""The `risk` command."""
