"""The documents: links and anchors lead somewhere, and what they show is what there is."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from risk.config.types import DAY_MS
from risk.engine.payment.transaction import decode
from tests.documents import FENCE, FOLDERS, ROOT, anchors, broken, links, name, paths

DOCS = ROOT / "docs"
ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))
ONE_PAGE = 60  # lines
NAMED = re.compile(r"\b(?:docs/[\w./-]+|[A-Z]{4,})\.md\b")
TERMS = (
    "Activation",
    "Correction",
    "Dedup",
    "Frontier",
    "Late behind the frontier",
    "Late behind the partition",
    "Mark",
    "Outcome",
    "Parcel",
    "Placement",
    "Replay",
    "Revision",
    "Settled",
    "Shard",
)


def read(path: Path | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", paths(), ids=name)
def test_links_and_anchors_lead_somewhere(path: Path) -> None:
    assert list(broken(path, read(path))) == []


def test_a_broken_link_is_found() -> None:
    here = DOCS / "adr" / "x.md"
    text = (
        "# One two\n[a](0001-none.md) [b](#one-two) [c](#three) [d](../../../x) `[e](f.md)`\n"
        "```\n[g](h.md)\n```\n[i](https://example.org/j.md) [k](../rules.md#lists)\n"
        "[l](../rules.md#nothing)\n"
    )
    assert [line.rpartition("x.md: ")[2] for line in broken(here, text)] == [
        "0001-none.md is not there",
        "#three: no heading has this anchor",
        "../../../x leads out of the project",
        "../rules.md#nothing: no heading has this anchor",
    ]
    assert anchors("## `risk run` (a, b)\n## X\n## X\n") == {"risk-run-a-b", "x", "x-1"}


def test_what_code_says_of_documents_is_there() -> None:
    files = [ROOT / "pyproject.toml", ROOT / "docker-compose.yml", ROOT / "Makefile"]
    for folder in FOLDERS:
        for ending in ("py", "sql", "yml", "yaml", "json"):
            files += (ROOT / folder).rglob(f"*.{ending}")
    for path in files:
        if path.name != Path(__file__).name:
            for named in NAMED.findall(read(path)):
                assert (ROOT / named).exists(), f"{name(path)}: {named}"


def test_every_page_is_in_the_table_of_contents() -> None:
    index = DOCS / "README.md"
    listed = {(index.parent / target).resolve() for target in links(read(index))}
    decisions = DOCS / "adr" / "README.md"
    listed |= {(decisions.parent / target).resolve() for target in links(read(decisions))}
    assert {name(path) for path in set(DOCS.rglob("*.md")) - listed - {index}} == set()


def test_architecture_gives_the_reason_for_each_decision() -> None:
    linked = set(links(read("ARCHITECTURE.md")))
    assert {f"docs/adr/{path.name}" for path in ADRS} <= linked
    numbers = [int(path.name[:4]) for path in ADRS]
    assert numbers == list(range(1, len(ADRS) + 1))


@pytest.mark.parametrize("path", ADRS, ids=name)
def test_a_decision_is_one_page(path: Path) -> None:
    text = read(path)
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert len(text.splitlines()) <= ONE_PAGE
    headings = re.findall(r"^## (\w+)", text, re.MULTILINE)
    assert headings[0] in ("Problem", "Context")
    assert {"Decision", "Consequences"} <= set(headings)


def test_the_glossary_has_the_projects_own_terms_in_order() -> None:
    terms = re.findall(r"^\*\*([^*]+)\*\*", read("docs/glossary.md"), re.MULTILINE)
    assert set(TERMS) <= set(terms)
    assert terms == sorted(terms, key=str.lower)


def test_the_readme_is_short_and_shows_the_pictures() -> None:
    text = read("README.md")
    assert len(text.splitlines()) < 200
    assert "docs/pictures/demo-live.svg" in text
    assert "docs/pictures/demo-summary.svg" in text


def test_the_picture_is_drawn_from_its_text() -> None:
    draw = runpy.run_path(str(DOCS / "pictures" / "draw.py"))["drawn"]
    pictures = DOCS / "pictures"
    for text in pictures.glob("*.txt"):
        assert draw(read(text)) == read(text.with_suffix(".svg")), text.name


@pytest.mark.parametrize("path", ["README.md", "docs/how-to/payments.md"])
def test_the_payments_that_are_shown_are_payments(path: str) -> None:
    shown = [block for _, kind, block in FENCE.findall(read(path)) if kind == "json"]
    assert len(shown) == 1
    payment = decode(shown[0].encode(), json.loads(shown[0])["user_id"].encode())
    assert payment.event_time % DAY_MS == 0


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    if importlib.util.find_spec("mkdocs") is None:
        pytest.skip("mkdocs is missing (make docs)")
    done = subprocess.run(
        (sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path),
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "search" / "search_index.json").read_text(encoding="utf-8"))
    pages = {entry["location"].partition("#")[0] for entry in found["docs"]}
    for path in (ROOT / "ARCHITECTURE.md", DOCS / "glossary.md", *ADRS):
        assert name(path).removesuffix(".md") + ".html" in pages
    shown = "".join(page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html"))
    assert not re.findall(r'(?:src=|<link[^>]*href=)"https?:', shown)


def test_the_checks_before_a_commit_are_those_of_make_check() -> None:
    hooks = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    before = {hook["entry"] for hook in hooks[0]["hooks"]}
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", read("Makefile"), re.MULTILINE)
    assert recipe
    checks = re.findall(r"@\$\(BIN\)(/[^|\n]*[^|\s])", recipe[1])
    assert before == {f".venv/bin{check}" for check in checks}
