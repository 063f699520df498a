"""The project's rulesets, and edits of them, for tests of changes."""

from __future__ import annotations

from pathlib import Path

from risk.ops.rule_changes.prepare import Edit
from risk.ops.rule_changes.tree import Tree, read_tree
from risk.paths import RULES


def project() -> Tree:
    """The rulesets of rules/."""
    return read_tree(RULES)


def edit(tree: Tree, path: str, old: str, new: str, ruleset: str = "default") -> Edit:
    """An edit of a file, in which a text is replaced once."""
    text = tree.own(ruleset)[path]
    assert text.count(old) == 1, (path, old)
    return Edit(ruleset, path, text.replace(old, new))


def write(tree: Tree, root: Path) -> Path:
    """The rulesets as files below `root`; the folder that holds them."""
    for name, files in tree.folders.items():
        for path, text in files.items():
            place = root / "rules" / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="")
    return root / "rules"
