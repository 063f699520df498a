"""Erasing a person: from every store, from cases and trails, and what is certified of it."""
