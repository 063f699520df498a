"""Rulesets and their rules, and changes of them: pages show, `risk.ops.rule_changes` does."""
