"""Saying what became of payments."""
