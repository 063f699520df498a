"""Measuring tools: what the engine does and costs, and what it is compared with."""
