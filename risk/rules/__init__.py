"""The rules engine: files of rules in, one compiled function out.

`load` reads and checks a ruleset, `risk.scoring.score` applies it, `run_cases` runs the rules'
own tests. docs/rules.md is the page for authors of rules.
"""

from risk.rules.cases import Result, run_cases
from risk.rules.errors import InvalidRuleset, RuleError
from risk.rules.loader import load
from risk.rules.ruleset import Case, Rule, Ruleset

__all__ = ["Case", "InvalidRuleset", "Result", "Rule", "RuleError", "Ruleset", "load", "run_cases"]
