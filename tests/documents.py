"""The project's own Markdown files: where they are, and their headings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (
    "docs",
    "risk",
    "flink_jobs",
    "generator",
    "sinks",
    "rules",
    "schemas",
    "docker",
    "tests",
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
CODE = re.compile(r"`[^`]*`")
LINK = re.compile(r"!?\[(?:[^][]|\[[^]]*\])*\]\(<?([^)>\s]+)>?\)")
REFERENCE = re.compile(r"^\[[^]]+\]: *(\S+)", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z]+:", re.IGNORECASE)


def paths() -> list[Path]:
    """Every Markdown file of the project, not of what is installed or built in its folder."""
    found = [*ROOT.glob("*.md")]
    for folder in FOLDERS:
        found += (ROOT / folder).rglob("*.md")
    return sorted(found)


def name(path: Path) -> str:
    """The path as it stands in the repository."""
    return path.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """The text without its code blocks."""
    return FENCE.sub("", text)


def slug(heading: str) -> str:
    """The anchor of a heading, in the way of GitHub."""
    shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
    kept = re.sub(r"[^\w\- ]", "", shown.lower())
    return kept.strip().replace(" ", "-")


def anchors(text: str) -> set[str]:
    """All that a link with `#` can name in the file."""
    found: set[str] = set()
    for heading in HEADING.findall(prose(text)):
        base = slug(heading)
        number = 0
        while (one := f"{base}-{number}" if number else base) in found:
            number += 1
        found.add(one)
    return found


def links(text: str) -> Iterator[str]:
    """The targets of the links that stay in this project."""
    plain = CODE.sub("``", prose(text))
    for target in (*LINK.findall(plain), *REFERENCE.findall(plain)):
        if not ELSEWHERE.match(target):
            yield target


def broken(path: Path, text: str) -> Iterator[str]:
    """What is wrong with the file's links, a line each."""
    for target in links(text):
        file, _, anchor = target.partition("#")
        to = (path.parent / file).resolve() if file else path
        if file.startswith("/") or not to.is_relative_to(ROOT):
            yield f"{name(path)}: {target} leads out of the project"
        elif file and not to.exists():
            yield f"{name(path)}: {target} is not there"
        elif anchor and to.suffix != ".md":
            yield f"{name(path)}: {target}: only Markdown has anchors"
        elif anchor:
            there = text if to == path else to.read_text(encoding="utf-8")
            if anchor not in anchors(there):
                yield f"{name(path)}: {target}: no heading has this anchor"
