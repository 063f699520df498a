"""Every `risk …` that a document, an alert, a dashboard or a message names can be typed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest
import yaml

from flink_jobs import deliver, score
from risk.cli.main import parser
from tests.documents import FENCE, ROOT, name, paths, prose

RULES = sorted((ROOT / "docker" / "prometheus" / "rules").glob("*.yml"))
CODE = ("risk", "flink_jobs", "sinks", "generator")
INLINE = re.compile(r"`(risk [^`]+)`")
# In a sentence: a word, then words and options; a value in capitals stands for any.
SENTENCE = re.compile(r"\brisk( [a-z][a-z-]+)(( [a-z]+\b(?![.'(])| --[a-z-]+( [A-Z]+)?)*)")
ROOT_PARSER = parser()
(COMMANDS,) = (
    set(action.choices or ()) for action in ROOT_PARSER._actions if action.metavar == "command"
)
# What a word in capitals stands for: one of these is right.
VALUES = ("postgres", "default", "3", "scoring.batch_ms=20")


def wrong(words: list[str]) -> str:
    """What is wrong with a command, in argparse's words; nothing if it lacks but arguments."""
    said = [
        _wrong([value if w == w.upper() != w.lower() else w for w in words]) for value in VALUES
    ]
    return "" if "" in said else said[0]


def _wrong(words: list[str]) -> str:
    said = StringIO()
    try:
        with redirect_stderr(said):
            ROOT_PARSER.parse_args(words)
    except SystemExit as ended:
        message = said.getvalue().strip().rpartition("error: ")[2]
        return "" if not ended.code or "are required" in message else message
    return ""


def variants(words: list[str]) -> Iterator[list[str]]:
    """The commands that a synopsis stands for: `a|b` is either, brackets may be left out."""
    ways = [re.sub(r"[][…]", "", word).rstrip(",").split("|") for word in words]
    for number in range(max(map(len, ways), default=0)):
        yield [way[min(number, len(way) - 1)] for way in ways if way != [""]]


def shell(block: str, program: str) -> Iterator[list[str]]:
    """The words behind the program in each line of a shell's that runs it."""
    for line in block.replace("\\\n", " ").splitlines():
        found = re.match(rf"\s*(?:\$ |[A-Z_]+=\S+ )*(?:\S*/)?{program} (.*)", line)
        if found:
            words = shlex.split(found[1], comments=True)
            end = next((at for at, word in enumerate(words) if word in ("|", ">", "&&", "&")), None)
            yield words[:end]


def blocks(text: str) -> list[str]:
    """The code blocks: fenced, or indented after a blank line."""
    indented = re.findall(r"(?<=\n\n)((?: {4}\S.*\n)+)", prose(text))
    return [block for _, _, block in FENCE.findall(text)] + indented


def documented(text: str) -> Iterator[list[str]]:
    for block in blocks(text):
        for words in shell(block, "risk"):
            yield from variants(words)
    yield from inline(prose(text))


def flink_runs(text: str) -> Iterator[tuple[str, list[str]]]:
    """The job file of each `flink run`, and its own arguments."""
    for block in blocks(text):
        for words in shell(block, r"(?:.* )?\$?flink run"):
            at = max(words.index(word) for word in words if word in ("-pyfs", "--pyFiles"))
            job = next(word for word in words if word.endswith(".py"))
            yield job, words[at + 2 :]


def inline(text: str) -> Iterator[list[str]]:
    for one in INLINE.findall(text):
        if "{" not in one:  # what a program fills in
            yield from variants(
                shlex.split(re.sub(r" *\| *", "|", re.sub(r'"?\s*\n\s*"?', " ", one)))[1:]
            )


@pytest.mark.parametrize("path", paths(), ids=name)
def test_of_a_document(path: Path) -> None:
    for words in documented(path.read_text(encoding="utf-8")):
        assert not wrong(words), f"risk {shlex.join(words)}: {wrong(words)}"


def test_jobs_take_what_documents_give_them() -> None:
    takes = {"flink_jobs/score.py": score._arguments, "flink_jobs/deliver.py": deliver._arguments}
    found = [one for path in paths() for one in flink_runs(path.read_text(encoding="utf-8"))]
    assert {job for job, _ in found} == takes.keys()
    for job, words in found:
        takes[job](words)


def test_make_has_the_targets_that_documents_name() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set()
    for path in paths():
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"`make ([a-z-]+)", text))
        named |= {words[0] for block in blocks(text) for words in shell(block, "make")}
    assert named
    assert named <= targets


def test_modules_that_documents_run_are_there() -> None:
    for path in paths():
        for module in re.findall(r"python -m ((?:risk|tests)[\w.]*)", path.read_text()):
            file = ROOT / Path(*module.split("."))
            assert file.with_suffix(".py").exists() or (file / "__main__.py").exists(), module


def test_of_the_alerts() -> None:
    found = []
    for path in RULES:
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            for rule in group["rules"]:
                for text in rule.get("annotations", {}).values():
                    found += [one[0] for one in SENTENCE.finditer(text)]
    assert len(found) >= 5
    for one in found:
        words = one.split()[1:]
        assert words[0] in COMMANDS, one
        # A sentence may go on behind the command: what argparse takes of it has to be one.
        assert any(not wrong(words[:end]) for end in range(1, len(words) + 1)), one
        assert not [w for w in words if w.startswith("--") and w in wrong(words)], one


@pytest.mark.parametrize("folder", CODE)
def test_of_messages_and_comments(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        for words in inline(path.read_text(encoding="utf-8")):
            assert not wrong(words), f"{path}: risk {shlex.join(words)}: {wrong(words)}"


def test_a_command_that_is_not_there_is_found() -> None:
    assert "invalid choice" in wrong(["dlqq"])
    assert "unrecognized" in wrong(["status", "--nonsense"])
    assert not wrong(["rebuild"])
    assert list(
        documented("`risk nothing`\n```\nA=1 .venv/bin/risk up --x \\\n  y | cat # z\n```")
    ) == [
        ["up", "--x", "y"],
        ["nothing"],
    ]
