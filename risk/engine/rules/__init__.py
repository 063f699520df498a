"""The rules engine: files of rules in, one compiled function out.

`load` reads and checks a ruleset, `scoring.score` applies it, `run_cases` runs the rules' own
tests. docs/rules.md is the page for authors of rules.
"""

from risk.engine.rules.cases import Result, run_cases
from risk.engine.rules.errors import InvalidRuleset, RuleError
from risk.engine.rules.loader import load
from risk.engine.rules.ruleset import Case, Rule, Ruleset

__all__ = ["Case", "InvalidRuleset", "Result", "Rule", "RuleError", "Ruleset", "load", "run_cases"]
