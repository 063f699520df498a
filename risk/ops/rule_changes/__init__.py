"""Changes of rules and lists that people draft, check, propose and approve: files stay the truth.

Nothing here writes to a ruleset's folder. What is approved is a patch of it, ready to commit.
"""
