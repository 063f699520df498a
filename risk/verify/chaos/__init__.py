"""Faults, one after another, on real servers under traffic; and what holds when they are over."""
