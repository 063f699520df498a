"""A ruleset that extends another: what it takes, what it changes, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.cli.main import main
from risk.engine.rules import InvalidRuleset, Ruleset, load
from risk.engine.rules.extends import MOST, whole
from risk.ops.ruleset_folder import read_whole

ROOT = Path(__file__).resolve().parents[4]
HEAD = """\
name: base
version: 3
description: For tests.
thresholds: {review: 50, block: 80}
lists:
  risky: ["4829", "7995"]
  sizes: [1, 2.5]
"""
OWN = """\
name: own
version: 1
description: "Says: less # of it"
extends: base
"""


def rule(name: str, when: str = "amount > 500", points: int = 60) -> str:
    return f"""\
id: {name}
version: 1
description: Too much.
points: {points}
when: {when}
reason: "{{amount}}"
tests:
  - {{name: large, hit: true, given: {{amount: 600}}}}
  - {{name: small, hit: false, given: {{amount: 20}}}}
"""


BASE = {
    "ruleset.yaml": HEAD,
    "big.yaml": rule("big"),
    "odd.yaml": rule("odd", "merchant_category in risky or amount > 500"),
    "far.yaml": rule("far", 'country in ["FR"] or country in away or amount > 500'),
    "lists/away.yaml": '["US", "CA"]\n',
}
Folders = Mapping[str, Mapping[str, str]]


def read(folders: Folders, name: str = "own") -> Ruleset:
    found = whole(folders[name], f"rules/{name}", folders.get)
    return load(found.files, f"rules/{name}", found.places, found.faults)


def own(more: str = "", **files: str) -> Folders:
    return {"base": BASE, "own": {"ruleset.yaml": OWN + more, **files}}


def complaint(folders: Folders) -> str:
    with pytest.raises(InvalidRuleset) as caught:
        read(folders)
    return str(caught.value)


def test_what_it_does_not_say_is_taken() -> None:
    found, base = read(own()), read({"base": BASE}, "base")
    assert (found.name, found.version, found.description) == ("own", 1, "Says: less # of it")
    assert (found.review, found.block) == (50, 80)
    assert found.rules == base.rules
    assert found.lists == base.lists
    assert found.fingerprint != base.fingerprint  # it has another name


def test_rules_are_added_overridden_and_left_out() -> None:
    more = {"big.yaml": rule("big", points=70), "new.yaml": rule("new", points=10)}
    found = read(own("without: [odd]\n", **more))
    assert [(r.id, r.points) for r in found.rules] == [("big", 70), ("far", 60), ("new", 10)]


def test_thresholds_and_lists_are_overridden_one_by_one() -> None:
    lists = 'thresholds: {block: 90}\nlists:\n  away: ["DE"]\n'
    found = read(own(lists, **{"lists/risky.yaml": '["1111"]\n'}))
    assert (found.review, found.block) == (50, 90)
    assert found.lists == {"away": ("DE",), "risky": ("1111",), "sizes": (1, 2.5)}


def test_a_chain_is_read_to_its_end() -> None:
    middle = OWN.replace("name: own", "name: middle") + "without: [far]\n"
    last = OWN.replace("extends: base", "extends: middle") + "thresholds: {review: 40}\n"
    folders = {**own(), "middle": {"ruleset.yaml": middle}, "own": {"ruleset.yaml": last}}
    found = read(folders)
    assert [rule.id for rule in found.rules] == ["big", "odd"]
    assert (found.review, found.block) == (40, 80)


def test_the_whole_stands_alone() -> None:
    folders = own("thresholds: {review: 40}\n", **{"new.yaml": rule("new")})
    files = whole(folders["own"], "own", folders.get).files
    assert set(files) == {*BASE, "new.yaml"}
    assert load(files).fingerprint == read(folders).fingerprint
    assert whole(files, "own", folders.get).files == files


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1)
)
def test_the_whole_says_the_same_words(word: str) -> None:
    if not word.strip() or not word.isprintable():
        return
    quoted = word.replace("\\", "\\\\").replace('"', '\\"')
    more = f'lists:\n  words: ["{quoted}"]\n'
    folders = own(more)
    try:
        found = read(folders)
    except InvalidRuleset:
        return  # YAML has no such character
    assert found.lists["words"] == (word,)
    assert load(whole(folders["own"], "own", folders.get).files).lists == found.lists


WRONG = [
    (
        own("without: [bgi]\n"),
        "rules/own/ruleset.yaml:5:11: base has no rule bgi: did you mean big?",
    ),
    (
        own("without: [big]\n", **{"big.yaml": rule("big")}),
        "rules/own/ruleset.yaml:5:11: big.yaml is in this folder: remove it",
    ),
    (
        {"own": own()["own"]},
        "rules/own/ruleset.yaml:4:10: no ruleset base is in the folder beside this one",
    ),
    (
        own("thresholds: {review: 90}\n"),
        "rules/own/ruleset.yaml:5:13: review would be 90, above block, 80",
    ),
    (own("thresholds: {reveiw: 90}\n"), "rules/own/ruleset.yaml:5:14: unknown key reveiw: did you"),
    (own(**{"big.yaml": rule("big", "amout > 5")}), "rules/own/big.yaml:5:7: no feature or field"),
    (
        {**own(), "base": {**BASE, "big.yaml": rule("big", "amout > 5")}},
        "rules/base/big.yaml:5:7: no feature or field is called amout",
    ),
    (
        {**own(), "base": {**BASE, "ruleset.yaml": HEAD.replace("80", "800")}},
        "rules/base/ruleset.yaml:4:33: expected a whole number from 1 to 100",
    ),
    (
        {**own(), "base": {**BASE, "ruleset.yaml": HEAD + "extends: own\n"}},
        "rules/base/ruleset.yaml:8:10: a ruleset can't extend itself: own → base → own",
    ),
    (
        {"own": {**BASE, "ruleset.yaml": HEAD.replace("base", "own") + "without: [big]\n"}},
        "rules/own/ruleset.yaml:8:10: there is no 'extends' of which to leave rules out",
    ),
    (own("lists: {risky: []}\n"), "rules/own/ruleset.yaml:5:16: the list is empty"),
    (own("extends: base\n"), "rules/own/ruleset.yaml:5:1: 'extends' stands here twice"),
    (own(": ["), "rules/own/ruleset.yaml:5:1: not YAML"),
]


@pytest.mark.parametrize(("folders", "message"), WRONG, ids=[text[11:60] for _, text in WRONG])
def test_what_is_wrong_has_its_file_and_line(folders: Folders, message: str) -> None:
    assert message in complaint(folders)
    assert complaint(folders).count(message) == 1


def test_all_that_is_wrong_is_shown_at_once() -> None:
    said = complaint(own("without: [bgi]\n", **{"big.yaml": rule("big", "amout > 5")}))
    assert said.count("rules/own/ruleset.yaml:") == said.count("rules/own/big.yaml:") == 1


def test_a_chain_has_an_end() -> None:
    folders = {
        f"r{n}": {"ruleset.yaml": OWN.replace("own", f"r{n}").replace("base", f"r{n + 1}")}
        for n in range(MOST)
    }
    with pytest.raises(InvalidRuleset, match=rf"^rules/r{MOST - 1}/ruleset\.yaml:4:10: more than"):
        read({**folders, f"r{MOST}": BASE}, "r0")


def test_alone_it_is_refused() -> None:
    with pytest.raises(InvalidRuleset, match="what it extends has to be read as well"):
        load(own()["own"])


def test_strict_is_what_it_was() -> None:
    found = read_whole(ROOT / "rules" / "strict")
    assert found.ruleset.fingerprint == (
        "808f8a5123199df23ebc25af9708eb2682cb9a58dd190bb5c3b717e759572d34"
    )
    assert load(found.files, "strict").fingerprint == found.ruleset.fingerprint


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "rules", tmp_path / "rules")) / "strict"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_change_of_what_it_extends_needs_a_version_of_its_own(
    strict: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    default = strict.parent / "default"
    assert main(["rules", "check", str(strict)]) == 0
    edit(default / "night_spending.yaml", "points: 10", "points: 11")
    edit(default / "night_spending.yaml", "version: 1", "version: 2")
    assert main(["rules", "check", str(strict)]) == 1
    said = capsys.readouterr().err
    assert "ruleset strict: its content changed, its version is still 2: set version: 3" in said
    assert "rule night_spending: version 2 is not locked yet" in said
    edit(strict / "ruleset.yaml", "version: 2", "version: 3")
    assert main(["rules", "lock", str(strict)]) == 0
    assert main(["rules", "check", str(strict)]) == 0


def test_a_failed_test_of_a_rule_that_was_taken_names_its_file(
    strict: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = strict.parent / "default" / "round_amounts.yaml"
    edit(file, "hit: false", "hit: true")
    assert main(["rules", "check", str(strict)]) in (1, 2)
    assert f"{file}:" in capsys.readouterr().err


def test_the_example_for_authors_is_true() -> None:
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    (head,) = [b for b in page.split("```yaml\n")[1:] if "extends: default" in b.split("```")[0]]
    default = read_whole(ROOT / "rules" / "default").files
    found = read({"strict": {"ruleset.yaml": head.split("```")[0]}, "default": default}, "strict")
    assert (found.review, found.block) == (40, 80)
    assert found.lists["high_risk_countries"] == ("KP",)
    assert "night_spending" not in [rule.id for rule in found.rules]
