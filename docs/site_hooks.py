"""What MkDocs needs to be told so that the site has the repository's layout.

MkDocs takes pages from one folder; ours are in several, so that they show where people look for
them. Here every Markdown file gets the address that it has in the repository. A link to something
else that is in the repository (code, a folder) becomes its path in words, as the site has no code.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
DECISIONS = "Decisions"
PAGES = ("*.md", "docs/**/*.md", "risk/bench/peers/README.md")
PICTURES = ("docs/pictures/*.svg", "docs/pictures/*.png")
TEXTS = ("docs/pictures/*.txt",)
LINK = re.compile(r"(?<!!)\[((?:[^][]|\[[^]]*\])*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def on_files(_files: Files, config: MkDocsConfig) -> Files:
    """Every page and picture, under its path in the repository."""
    found = Files([])
    for pattern in (*PAGES, *PICTURES, *TEXTS):
        for path in sorted(ROOT.glob(pattern)):
            where = path.relative_to(ROOT).as_posix()
            found.append(File.generated(config, where, abs_src_path=str(path)))
    # The decisions follow their table of contents without being listed once more.
    section = next(one[DECISIONS] for one in config.nav or () if DECISIONS in one)
    section += [file.src_uri for file in found if re.match(r"docs/adr/\d", file.src_uri)]
    return found


def on_page_markdown(markdown: str, page: Page, files: Files, **_: Any) -> str:
    """Links to what is no page of the site, in words."""
    here = PurePosixPath(page.file.src_uri).parent

    def shown(link: re.Match[str]) -> str:
        where = normpath(here / link[2])
        if files.get_file_from_path(where) is not None or not (ROOT / where).exists():
            return link[0]
        return link[1] if where.endswith(link[1].strip("`/")) else f"{link[1]} (`{where}`)"

    return LINK.sub(shown, markdown)
