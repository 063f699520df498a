"""Models of a ruleset: ensembles of decision trees as integer tables, and what they say.

Everything is whole numbers from a payment's features to the score, so every machine and every size
of batch gives the same bits. docs/models.md describes the file and how one is made.
"""
