"""From an edit to a patch: what `risk rules check` says then."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from risk.cli.main import main
from risk.engine.rules import lock
from risk.ops.rule_changes.patch import file_patch, patch
from risk.ops.rule_changes.prepare import Edit, prepare
from risk.ops.rule_changes.tree import Tree, read_tree
from risk.ops.ruleset_folder import read_folder
from tests.needs import program
from tests.unit.ops.rule_changes.folders import edit, project, write


def test_the_project_as_it_is_needs_nothing() -> None:
    tree = project()
    found = prepare(tree, Edit("default", "ip_burst.yaml", tree.own("default")["ip_burst.yaml"]))
    assert found.is_good
    assert (found.raised, found.others) == ((), ())
    assert patch(tree, found.tree) == ""


def test_a_change_raises_versions_and_locks_them_wherever_they_are_of() -> None:
    tree = project()
    before = tree.read("default").ruleset
    rule = next(one for one in before.rules if one.id == "high_amount")
    found = prepare(tree, edit(tree, "high_amount.yaml", f"points: {rule.points}", "points: 33"))
    assert found.is_good, (found.errors, found.failures)
    assert found.ruleset is not None
    assert found.ruleset.version == before.version + 1
    assert f"rule high_amount to version {rule.version + 1}" in found.raised
    assert set(found.others) >= {"days"}  # strict has a rule of its own by that name
    for name in ("default", *found.others):
        read = found.tree.read(name).ruleset
        assert not [*lock.breaches(read, found.tree.locked(name))]
        assert tree.locked(name).items() <= found.tree.locked(name).items()
    own = dict(found.tree.own("default"))
    assert own["ruleset.yaml"].count("# A score is the sum") == 1, "comments stay"


def test_the_patch_applies_and_check_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = project()
    new = tree.own("default")["ip_burst.yaml"].replace("id: ip_burst", "id: ip_flood", 1)
    found = prepare(tree, Edit("default", "ip_flood.yaml", new))
    assert found.is_good, (found.errors, found.failures)
    root = write(tree, tmp_path)
    (tmp_path / "change.patch").write_text(patch(tree, found.tree), encoding="utf-8")
    command = (program("git"), "apply", "change.patch")
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    assert found.ruleset is not None
    assert read_folder(root / "default").fingerprint == found.ruleset.fingerprint
    for name in tree.names():
        assert main(["rules", "check", str(root / name)]) == 0, capsys.readouterr().err


def test_a_fault_is_told_as_the_command_tells_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = project()
    one = edit(tree, "velocity_burst.yaml", "when: user_count_5m", "when: user_cuont_5m")
    found = prepare(tree, one)
    assert not found.is_good
    write(found.tree, tmp_path)
    assert main(["rules", "check", str(tmp_path / "rules" / "default")]) == 2
    said = capsys.readouterr().err.replace(f"{tmp_path}/", "")
    assert str(found.errors[0]) in said
    assert "did you mean user_count_5m?" in str(found.errors[0])


def test_a_failing_test_is_told_with_its_line() -> None:
    tree = project()
    found = prepare(
        tree, edit(tree, "velocity_burst.yaml", "{user_count_5m: 8}", "{user_count_5m: 2}")
    )
    assert not found.is_good
    assert found.failures[0].startswith("rules/default/velocity_burst.yaml:8: test ")


def test_a_ruleset_that_extends_it_may_fail_by_the_change() -> None:
    tree = project()
    gone = edit(tree, "ruleset.yaml", "cash_like_merchants:", "cash_merchants:")
    found = prepare(tree, gone)
    files = {error.file for error in found.errors}
    assert files >= {"rules/default/cash_like_merchant.yaml", "rules/days/first_payment.yaml"}


def test_without_a_lock_one_is_written() -> None:
    tree = project().with_text("days", lock.FILE, None)
    found = prepare(tree, edit(tree, "stolen_card.yaml", "points: ", "points: 1", "days"))
    assert found.errors
    one = edit(
        tree, "ruleset.yaml", "description: Default,", "description: All of default,", "days"
    )
    found = prepare(tree, one)
    assert found.is_good
    assert found.raised == (), "a description decides nothing"
    assert "--- /dev/null\n+++ b/rules/days/versions.lock" in patch(tree, found.tree)


def test_a_version_that_was_raised_by_hand_stays() -> None:
    tree = project()
    text = edit(tree, "velocity_burst.yaml", "points: 60", "points: 61").text
    text = text.replace("version: 1", "version: 7")
    found = prepare(tree, Edit("default", "velocity_burst.yaml", text))
    assert found.is_good
    assert not [what for what in found.raised if what.startswith("rule ")]
    assert "+rule velocity_burst 7 " in patch(tree, found.tree)


def test_patches_of_odd_texts_apply(tmp_path: Path) -> None:
    was, now = "a\nb\x0cc\n\u2028d", "a\nb\x0ce\n\u2028d\n"
    (tmp_path / "x").write_text(was, encoding="utf-8")
    text = "".join([*file_patch("x", was, now), *file_patch("y", None, "one")])
    (tmp_path / "p").write_text(text, encoding="utf-8")
    subprocess.run((program("git"), "apply", "p"), cwd=tmp_path, check=True, timeout=60)
    assert (tmp_path / "x").read_text(encoding="utf-8") == now
    assert (tmp_path / "y").read_text(encoding="utf-8") == "one"


def test_a_tree_reads_what_is_in_a_folder(tmp_path: Path) -> None:
    tree = project()
    found = read_tree(write(tree, tmp_path))
    assert found.folders == tree.folders
    assert found.prefix == tree.prefix == "rules"
    assert isinstance(found, Tree)
