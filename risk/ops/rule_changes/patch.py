"""The difference of two trees as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from risk.ops.rule_changes.tree import Texts, Tree

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def patch(before: Tree, after: Tree) -> str:
    """All files that differ, by path; empty if none does."""
    lines: list[str] = []
    for name in sorted({*before.folders, *after.folders}):
        was: Texts = before.folders.get(name, {})
        now: Texts = after.folders.get(name, {})
        for path in sorted({*was, *now}):
            if was.get(path) != now.get(path):
                lines += file_patch(f"{after.folder(name)}/{path}", was.get(path), now.get(path))
    return "".join(lines)


def file_patch(path: str, was: str | None, now: str | None) -> Iterator[str]:
    """The difference of one file, None where it isn't there."""
    yield f"diff --git a/{path} b/{path}\n"
    if was is None:
        yield "new file mode 100644\n"
    elif now is None:
        yield "deleted file mode 100644\n"
    old = "/dev/null" if was is None else f"a/{path}"
    new = "/dev/null" if now is None else f"b/{path}"
    # Lines end in "\n" alone, as git has it: other separators stand within one.
    lines = _LINE.findall(was or ""), _LINE.findall(now or "")
    for line in difflib.unified_diff(*lines, old, new):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
