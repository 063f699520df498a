"""Who uses the console: adding users, and signing them in."""
