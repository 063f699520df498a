"""Edits of lists: values come and go with their reasons, and the rest of the file stays."""

from __future__ import annotations

from datetime import date

import pytest

from risk.ops.refusal import Invalid, NotFound
from risk.ops.rule_changes import lists
from risk.ops.rule_changes.lists import Item
from risk.ops.rule_changes.prepare import Edit, prepare
from risk.ops.rule_changes.tree import Tree
from tests.unit.ops.rule_changes.folders import project

DAY = date(2026, 12, 31)


def after(tree: Tree, place: lists.Place, text: str) -> Tree:
    return tree.with_text(place.owner, place.path, text)


@pytest.mark.parametrize("which", ["high_risk_countries", "cash_like_merchants"])
def test_a_value_comes_with_its_reason_and_goes(which: str) -> None:
    tree = project()
    place = lists.find(tree, "default", which)
    value = "ZW" if which == "high_risk_countries" else "5933"
    text = lists.add(place, value, "seen in  cases", DAY, "ana")
    there = after(tree, place, text)
    added = lists.find(there, "default", which)
    assert added.items == [*place.items, Item(value, "seen in cases (ana)", DAY)]
    assert prepare(tree, Edit(place.owner, place.path, text)).is_good
    again = lists.remove(added, [place.items[0].value])
    left = lists.find(after(there, added, again), "default", which)
    assert left.items == added.items[1:]
    assert text.count("#") == place.text.count("#") + 1, "other comments stay"


def test_a_last_day_is_over_the_day_after() -> None:
    one = Item("x", "why", DAY)
    assert not one.is_over(DAY)
    assert one.is_over(date(2027, 1, 1))
    assert not Item("x").is_over(date(2027, 1, 1))


def test_a_list_is_found_where_it_stands() -> None:
    assert lists.find(project(), "strict", "high_risk_countries").owner == "default"
    with pytest.raises(NotFound, match="there are cash_like_merchants, high_risk_countries"):
        lists.find(project(), "strict", "nothing")


def test_what_cannot_be_is_named() -> None:
    place = lists.find(project(), "default", "high_risk_countries")
    with pytest.raises(Invalid, match="in the list already"):
        lists.add(place, "KP", "why", None, "ana")
    with pytest.raises(Invalid, match="reason"):
        lists.add(place, "ZW", "  ", None, "ana")
    with pytest.raises(Invalid, match="value"):
        lists.add(place, "a\nb", "why", None, "ana")
    with pytest.raises(Invalid, match="never empty"):
        lists.remove(place, [one.value for one in place.items])
    with pytest.raises(Invalid, match="none of the list"):
        lists.remove(place, ["ZZ"])


def test_numbers_stay_numbers_and_texts_texts() -> None:
    tree = project().with_text("default", "lists/limits.yaml", "- 5\n- 7.5 # odd: x\n")
    place = lists.find(tree, "default", "limits")
    assert place.items == [Item(5), Item(7.5, "odd: x")]
    assert lists.add(place, "12", "why", None, "ana") == "- 5\n- 7.5 # odd: x\n- 12  # why (ana)\n"
    with pytest.raises(Invalid, match="no number"):
        lists.add(place, "twelve", "why", None, "ana")
    quoted = lists.find(project(), "default", "high_risk_countries")
    assert '\n- "a\\"b"  # why (ana)\n' in lists.add(quoted, 'a"b', "why", None, "ana")


def test_a_list_within_braces_is_left_to_people() -> None:
    tree = project()
    text = tree.own("default")["ruleset.yaml"].replace("lists:", 'lists: {odd: ["a"]}\nxlists:')
    tree = tree.with_text("default", "ruleset.yaml", text[: text.index("xlists:")])
    place = lists._within(tree, "default", "odd")
    assert place is not None
    with pytest.raises(Invalid, match="within braces"):
        lists.add(place, "b", "why", None, "ana")
