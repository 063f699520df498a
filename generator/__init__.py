"""Synthetic traffic: normal users, attacks on them, and the disorder of real streams."""
