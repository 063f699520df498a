"""The product: an engine that is pure, and the rooms around it.

Each room imports only those above it, as ARCHITECTURE.md says and a test holds.
"""
