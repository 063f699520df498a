"""Files of rules: errors as an author sees them, fingerprints, cases and locks."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.rules import InvalidRuleset, Ruleset, load, lock, run_cases
from risk.engine.rules.characters import offsets
from risk.engine.rules.names import KINDS
from risk.ops.ruleset_folder import read_folder

HEAD = """\
name: shop
version: 1
description: For tests.
thresholds: {review: 50, block: 80}
lists:
  risky: ["4829", "7995"]
"""
RULE = """\
id: big
version: 1
description: Too much.
points: 60
when: amount > 500 and country == "DE"
reason: "{amount} in {country}"
tests:
  - {name: large, hit: true, given: {amount: 600}}
  - {name: small, hit: false, given: {amount: 20}}
"""
PLAIN = {"ruleset.yaml": HEAD, "big.yaml": RULE}
NEAR = Path(__file__).resolve().parents[4] / "rules"


def with_(file: str, old: str, new: str) -> dict[str, str]:
    assert old in PLAIN[file]
    return {**PLAIN, file: PLAIN[file].replace(old, new)}


def complaint(files: dict[str, str], folder: str = "") -> str:
    with pytest.raises(InvalidRuleset) as caught:
        load(files, folder)
    return str(caught.value)


def when(text: str) -> dict[str, str]:
    return with_("big.yaml", 'amount > 500 and country == "DE"', text)


GOLDEN = [
    (
        "amount > 500 and user_cuont_5m > 3",
        """\
big.yaml:5:24: no feature or field is called user_cuont_5m: did you mean user_count_5m?
    when: amount > 500 and user_cuont_5m > 3
                           ^^^^^^^^^^^^^""",
    ),
    (
        "amount > '5' or not amount",
        """\
big.yaml:5:7: a whole number is never compared with a text
    when: amount > '5' or not amount
          ^^^^^^^^^^^^
big.yaml:5:27: 'not' needs true or false, this is a whole number
    when: amount > '5' or not amount
                              ^^^^^^""",
    ),
    (
        "merchant_category == 5411",
        """\
big.yaml:5:7: a text is never compared with a whole number: write "5411"
    when: merchant_category == 5411
          ^^^^^^^^^^^^^^^^^^^^^^^^^""",
    ),
    (
        "|\n  amount > 500\n    and open('x') == 1",
        """\
big.yaml:7:9: open(…): there are no functions but has(…), model(…) and anomaly(…)
        and open('x') == 1
            ^^^^^""",
    ),
    (
        '>-\n  amount > 500\n\n  and country == "de"\n  and channel == "wep"',
        """\
big.yaml:8:18: country is never 'de': it is two capital letters
      and country == "de"
                     ^^^^
big.yaml:9:18: channel is never 'wep': it is one of web, app, pos, atm
      and channel == "wep"
                     ^^^^^""",
    ),
    (
        "'country == ''DE'' and 1 < 2 < 3'",
        """\
big.yaml:5:36: comparisons don't chain: write a < b and b < c
    when: 'country == ''DE'' and 1 < 2 < 3'
                                       ^""",
    ),
    (
        '"country == \\"DE\\" and amount = 5"',
        """\
big.yaml:5:37: '=': write '==' to compare
    when: "country == \\"DE\\" and amount = 5"
                                        ^""",
    ),
    (
        "(amount > 500",
        """\
big.yaml:5:7: '(' has no closing ')'
    when: (amount > 500
          ^""",
    ),
    (
        "amount >",
        """\
big.yaml:5:15: the expression ends here, but needs a name, a number, a text or '('
    when: amount >
                  ^""",
    ),
    (
        "amount + 5",
        """\
big.yaml:5:7: a 'when' is true or false, but this is a whole number: compare it
    when: amount + 5
          ^^^^^^^^^^""",
    ),
    (
        "merchant_category in riskey",
        """\
big.yaml:5:28: no list is called riskey: did you mean risky?
    when: merchant_category in riskey
                               ^^^^^^""",
    ),
    (
        "country in risky",
        """\
big.yaml:5:18: in list risky: country is never '4829': it is two capital letters
    when: country in risky
                     ^^^^^""",
    ),
    (
        "amount in [1, 2, 1]",
        """\
big.yaml:5:24: twice in this list
    when: amount in [1, 2, 1]
                           ^""",
    ),
    (
        "amount > 5m",
        """\
big.yaml:5:16: '5m' is not a number
    when: amount > 5m
                   ^^""",
    ),
    (
        "user_new_device > false",
        """\
big.yaml:5:7: '>' orders numbers, this is true or false
    when: user_new_device > false
          ^^^^^^^^^^^^^^^^^^^^^^^""",
    ),
    (
        "user_amount_ratio % 2 == 0",
        """\
big.yaml:5:7: '%' needs whole numbers, this is a fraction
    when: user_amount_ratio % 2 == 0
          ^^^^^^^^^^^^^^^^^""",
    ),
]


@pytest.mark.parametrize(("text", "expected"), GOLDEN)
def test_a_fault_in_an_expression_shows_its_place(text: str, expected: str) -> None:
    assert complaint(when(text)) == expected


FILES = [
    (
        "big.yaml",
        "points: 60",
        "points: 600",
        "big.yaml:4:9: expected a whole number from 1 to 100",
    ),
    (
        "big.yaml",
        "points: 60",
        "pionts: 60",
        "big.yaml:4:1: unknown key pionts: did you mean point",
    ),
    ("big.yaml", "points: 60", "", "big.yaml:1:1: 'points' is missing"),
    ("big.yaml", "version: 1", "version: 1\nversion: 2", "big.yaml:3:1: 'version' stands here twi"),
    ("big.yaml", "id: big", "id: bigger", "big.yaml:1:5: the file is called big.yaml"),
    ("big.yaml", "{amount}", "{amuont}", "big.yaml:6:11: no feature or field is called amuont: di"),
    ("big.yaml", "{amount}", "{amount:.2}", "big.yaml:6:18: ':.2': amount is no fraction"),
    ("big.yaml", "{amount}", "{amount", "big.yaml:6:10: '{' has no partner"),
    ("big.yaml", "hit: false", "hit: true", "big.yaml:8:3: no test with 'hit: false'"),
    ("big.yaml", "name: small", "name: large", "big.yaml:9:5: two tests are called 'large'"),
    ("big.yaml", "amount: 20", "amuont: 20", "big.yaml:9:39: no feature or field is called amuont"),
    (
        "big.yaml",
        "amount: 20",
        "amount: yes",
        "big.yaml:9:47: YAML reads yes as something else: wri",
    ),
    ("big.yaml", "amount: 20", "amount: 2.5", "big.yaml:9:47: amount is a whole number"),
    ("big.yaml", "amount: 20", "hour_utc: 24", "big.yaml:9:49: hour_utc is from 0 to 23"),
    (
        "big.yaml",
        "amount: 20",
        "country: NO",
        "big.yaml:9:48: YAML reads NO as something else: writ",
    ),
    ("big.yaml", "  - {name: large", "\t- {name: large", "big.yaml:8:1: not YAML: found character"),
    (
        "big.yaml",
        "amount > 500",
        "!amount",
        "big.yaml:5:7: '!' starts a YAML tag: for the opposite",
    ),
    ("ruleset.yaml", "review: 50", "review: 90", "ruleset.yaml:4:22: review is above block"),
    ("ruleset.yaml", '"7995"', "7995", "ruleset.yaml:6:19: not of the type of the items before"),
    (
        "ruleset.yaml",
        '"7995"',
        "0742",
        "ruleset.yaml:6:19: YAML reads 0742 as something else: writ",
    ),
    ("ruleset.yaml", '"7995"', '"4829"', "ruleset.yaml:6:19: 4829 stands in this list twice"),
    ("ruleset.yaml", "risky:", "amount:", "ruleset.yaml:6:3: a list can't be called amount"),
    ("ruleset.yaml", HEAD, "", "ruleset.yaml:1:1: the file is empty"),
    ("ruleset.yaml", HEAD, "- 1", "ruleset.yaml:1:1: expected 'key: value' lines"),
    ("ruleset.yaml", HEAD, "[" * 5000, "ruleset.yaml:1:33: not YAML: nested too deep"),
    ("ruleset.yaml", "shop", "\x07", "ruleset.yaml:1:7: a character that YAML forbids"),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), FILES)
def test_a_fault_in_a_file_shows_its_place(file: str, old: str, new: str, expected: str) -> None:
    assert complaint(with_(file, old, new)).startswith(expected)


def test_every_fault_of_every_file_is_reported_in_order() -> None:
    files = {
        **with_("ruleset.yaml", "version: 1", "version: 0"),
        "two.yaml": RULE,
        "lists/Ä.yaml": "",
    }
    text = complaint(files, "rules/other")
    places = [line.split(" ")[0] for line in text.splitlines() if line.startswith("rules/")]
    assert places == [
        "rules/other/lists/Ä.yaml:1:1:",
        "rules/other/lists/Ä.yaml:1:1:",
        "rules/other/ruleset.yaml:1:7:",
        "rules/other/ruleset.yaml:2:10:",
        "rules/other/two.yaml:1:5:",
    ]


def test_a_folder_without_its_files() -> None:
    assert complaint({}) == "ruleset.yaml:1:1: a ruleset has this file"
    assert "no rules" in complaint({"ruleset.yaml": HEAD, "README.md": "x"})


@given(
    st.lists(
        st.sampled_from(["amount", ">", "5", '"a b"', "'c'", "#x", "é"]), min_size=1, max_size=9
    ),
    st.sampled_from(["|", ">", ">-", "'", '"']),
    st.lists(st.sampled_from([" ", "  ", "\n", "\n\n"]), min_size=9, max_size=9),
)
def test_offsets_find_every_character(words: list[str], style: str, gaps: list[str]) -> None:
    body = "".join(word + gap for word, gap in zip(words, gaps, strict=False)).strip()
    body = body.replace("\n", "\n    ")
    if style in "'\"":
        doubled = body.replace("'", "''")
        escaped = body.replace('"', '\\"').replace("é", "\\u00e9")
        text = f"k: '{doubled}'\n" if style == "'" else f'k: "{escaped}"\n'
    else:
        text = f"k: {style}\n    {body}\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    node = root.value[0][1]
    places = offsets(node, text)
    assert len(places) == len(node.value) + 1
    assert places == sorted(places)
    for character, place in zip(node.value, places, strict=False):
        if not character.isspace() and text[place] not in "\\'":
            assert text[place] == character


def test_rules_stand_in_the_order_of_reasons() -> None:
    low = RULE.replace("id: big", "id: a_low").replace("points: 60", "points: 10")
    same = RULE.replace("id: big", "id: also")
    ruleset = load({**PLAIN, "a_low.yaml": low, "also.yaml": same})
    assert [rule.id for rule in ruleset.rules] == ["also", "big", "a_low"]


SAME = [
    with_("big.yaml", "Too much.", "Far too much."),
    with_("big.yaml", "points: 60\n", "points:   60   # a comment\n"),
    with_("big.yaml", "id: big\nversion: 1\n", "version: 1\nid: big\n"),
    with_("big.yaml", "amount: 600", "amount: 700"),
    when('(amount > 500)\n  and (country  ==  "DE")'),
    when('>-\n  amount > 500\n  and country == "DE"'),
    when("\"amount > 500 and country == 'DE'\""),
    with_("ruleset.yaml", '["4829", "7995"]', '\n  - "7995"\n  - "4829"'),
    with_("ruleset.yaml", "For tests.", "Other words."),
    {
        "ruleset.yaml": HEAD.split("lists:")[0],
        "lists/risky.yaml": '- "4829"\n- "7995"\n',
        "big.yaml": RULE,
    },
]
OTHER = [
    with_("ruleset.yaml", "name: shop", "name: shops"),
    with_("ruleset.yaml", "version: 1", "version: 2"),
    with_("ruleset.yaml", "review: 50", "review: 49"),
    with_("ruleset.yaml", "block: 80", "block: 81"),
    with_("ruleset.yaml", '"7995"', '"7996"'),
    with_("ruleset.yaml", "risky", "riskier"),
    with_("big.yaml", "version: 1", "version: 2"),
    with_("big.yaml", "points: 60", "points: 61"),
    with_("big.yaml", "in {country}", "at {country}"),
    when('amount > 501 and country == "DE"'),
    when('amount >= 500 and country == "DE"'),
    when('amount > 500 or country == "DE"'),
    {**PLAIN, "also.yaml": RULE.replace("id: big", "id: also")},
    {"ruleset.yaml": HEAD, "also.yaml": RULE.replace("id: big", "id: also")},
]


@pytest.mark.parametrize("files", SAME)
def test_the_fingerprint_does_not_see_words_and_layout(files: dict[str, str]) -> None:
    assert load(files).fingerprint == load(PLAIN).fingerprint


@pytest.mark.parametrize("files", OTHER)
def test_the_fingerprint_sees_all_that_can_change_a_score(files: dict[str, str]) -> None:
    assert load(files).fingerprint != load(PLAIN).fingerprint


def test_the_fingerprint_is_the_same_everywhere() -> None:
    marks = {load(dict(reversed(PLAIN.items()))).fingerprint, load(PLAIN, "x/shop").fingerprint}
    assert marks == {load(PLAIN).fingerprint}
    assert len(load(PLAIN).fingerprint) == 64


def test_cases_tell_which_rule_does_not_do_what_it_says() -> None:
    ruleset = load(with_("big.yaml", "amount: 20", "amount: 2000"))
    assert [(r.case.name, r.hit, r.passed, r.case.line) for r in run_cases(ruleset)] == [
        ("large", True, True, 8),
        ("small", True, False, 9),
    ]


def breaches(files: dict[str, str], locked: Ruleset) -> list[str]:
    entries = lock.read(lock.write(locked, {}))
    return [breach.message for breach in lock.breaches(load(files), entries)]


def test_a_lock_holds_versions_to_their_content() -> None:
    locked = load(PLAIN)
    assert breaches(PLAIN, locked) == []
    assert breaches(with_("big.yaml", "Too much.", "More words."), locked) == []
    assert breaches(with_("big.yaml", "points: 60", "points: 61"), locked) == [
        "ruleset shop: its content changed, its version is still 1: set version: 2",
        "rule big: its content changed, its version is still 1: set version: 2",
    ]
    raised = with_("big.yaml", "points: 60", "points: 61")
    raised = {name: text.replace("version: 1", "version: 2") for name, text in raised.items()}
    assert breaches(raised, locked) == [
        "ruleset shop: version 2 is not locked yet",
        "rule big: version 2 is not locked yet",
    ]


def test_a_lock_keeps_old_versions_and_refuses_new_content_below_them() -> None:
    two = load({name: text.replace("version: 1", "version: 2") for name, text in PLAIN.items()})
    entries = lock.read(lock.write(two, {}))
    assert [breach.message for breach in lock.breaches(load(PLAIN), entries)] == [
        "ruleset shop: version 1 is below the locked 2: set version: 3",
        "rule big: version 1 is below the locked 2: set version: 3",
    ]
    both = lock.read(lock.write(two, lock.current(load(PLAIN))))
    assert list(lock.breaches(load(PLAIN), both)) == []
    with pytest.raises(InvalidRuleset, match=r"versions\.lock:1:1: not a line of a lock"):
        lock.read("rule big one abc\n")


@pytest.mark.parametrize("folder", sorted(NEAR.glob("*/ruleset.yaml")), ids=lambda p: p.parent.name)
def test_the_rulesets_here_are_sound_and_locked(folder: Path) -> None:
    ruleset = read_folder(folder.parent)
    assert [r.case.name for r in run_cases(ruleset) if not r.passed] == []
    entries = lock.read((folder.parent / lock.FILE).read_text("utf-8"))
    assert list(lock.breaches(ruleset, entries)) == []


def test_the_page_for_authors_is_true() -> None:
    page = (NEAR.parent / "docs" / "rules.md").read_text("utf-8")
    rule, head = (block.split("```")[0] for block in page.split("```yaml\n")[1:3])
    ruleset = load({"ruleset.yaml": head, "account_takeover.yaml": rule}, "rules/default")
    assert all(result.passed for result in run_cases(ruleset))
    assert [name for name in KINDS if f"`{name}`" not in page] == []
    assert complaint(when("user_cuont_5m >= 8")).split(": ", 1)[1].splitlines()[0] in page


def test_of_very_many_faults_some_are_told() -> None:
    text = "{" + ", ".join(f"key_{n}: 1" for n in range(2_000)) + "}"
    told = complaint({**PLAIN, "big.yaml": text})
    assert told.endswith("more")
    assert len(told) < 100_000
    assert max(map(len, told.splitlines())) < 500


def test_of_a_long_line_the_part_with_the_fault_is_shown() -> None:
    many = ", ".join(f'"{n}"' for n in range(300))
    rest = ", ".join(f'"x{n}"' for n in range(300))
    head, source, caret, *_ = complaint(
        with_("ruleset.yaml", '["4829", "7995"]', f"[{many}, 7, {rest}]")
    ).splitlines()
    column = int(head.split(":")[2])
    assert column > 400
    assert len(source) < 410
    assert source[caret.index("^")] == "7"


def test_a_reason_is_not_looked_at_beyond_its_length() -> None:
    files = with_("big.yaml", '"{amount} in {country}"', '"' + "{nothing} " * 2_000 + '"')
    assert "a reason is one line of at most 300 characters" in complaint(files)
    assert "nothing" not in complaint(files).splitlines()[0]
