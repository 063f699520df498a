"""Rules that name a person are told of by an erasure, and stay as their authors wrote them."""

from __future__ import annotations

import pytest

from risk.config.settings import Settings
from risk.ops.erasure.not_reached import not_reached
from risk.registry import erasures, rule_changes
from risk.registry.rule_changes import Draft
from risk.registry.session import session

pytestmark = pytest.mark.stack


def test_a_change_of_rules_that_names_a_person_is_told_of(migrated: Settings) -> None:
    draft = Draft(
        kind="list", ruleset="default", name="watched", path="lists/watched.txt",
        text="u-77\n", base_text=None, base_fingerprint="f" * 64, why="", author="ana",
    )  # fmt: skip
    with session(migrated) as cursor:
        change = rule_changes.add(cursor, draft)
        assert erasures.changes_naming(cursor, "u-77") == [change.id]
        assert erasures.changes_naming(cursor, "u-78") == []
    (told,) = (one for one in not_reached([], [change.id]) if one.where == "changes of rules")
    assert told.records == 1
    assert str(change.id) in told.why


def test_where_no_rule_names_them_none_is_told_of() -> None:
    assert not {one.where for one in not_reached([], [])} & {"rulesets", "changes of rules"}
