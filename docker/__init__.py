"""What runs in containers, and what shows what happens there."""
