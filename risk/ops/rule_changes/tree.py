"""All rulesets of a folder as texts, so that a draft can be checked without writing a file."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml

from flink_jobs.rulesets import Read, own_files, read_text
from risk.config.strict_yaml import YamlFault, compose
from risk.engine.rules import InvalidRuleset, load, lock
from risk.engine.rules.extends import whole
from risk.engine.rules.head import HEAD
from risk.errors import UserError
from risk.ops.refusal import NotFound
from risk.ops.ruleset_folder import shown
from risk.paths import ROOT, RULES

Texts = Mapping[str, str]


class Tree:
    """Rulesets by name, each with the texts of its own files, `versions.lock` among them.

    `prefix` stands before a ruleset's name in messages and in patches, as in `rules/default`.
    """

    def __init__(self, folders: Mapping[str, Texts], prefix: str = "rules") -> None:
        self.folders: Final = {name: MappingProxyType(dict(own)) for name, own in folders.items()}
        self.prefix = prefix
        self._known: dict[str, Read | InvalidRuleset] = {}

    def names(self) -> list[str]:
        """The rulesets, by name."""
        return sorted(self.folders)

    def own(self, name: str) -> Texts:
        """The files of a ruleset's own folder. Raises `NotFound`."""
        if name not in self.folders:
            known = ", ".join(self.names())
            raise NotFound(f"no ruleset {name} is in {self.prefix}/: there are {known}")
        return self.folders[name]

    def read(self, name: str) -> Read:
        """A ruleset with all that it extends, checked. Raises `InvalidRuleset` and `NotFound`."""
        found = self._known.get(name)
        if found is None:
            try:
                found = self._read(name)
            except InvalidRuleset as error:
                found = error
            self._known[name] = found
        if isinstance(found, InvalidRuleset):
            raise found
        return found

    def locked(self, name: str) -> lock.Entries:
        """What a ruleset's lock holds; nothing where there is none. Raises `InvalidRuleset`."""
        return lock.read(self.own(name).get(lock.FILE, ""), f"{self.folder(name)}/{lock.FILE}")

    def folder(self, name: str) -> str:
        """A ruleset's folder, as messages name it."""
        return f"{self.prefix}/{name}"

    def place(self, name: str, path: str) -> tuple[str, str]:
        """The ruleset whose folder has a file that one reads: itself, or one that it extends."""
        place = self.read(name).places.get(path, "")
        owner, _, file = place.removeprefix(f"{self.prefix}/").partition("/")
        return (owner, file) if owner in self.folders and file else (name, path)

    def with_text(self, name: str, path: str, text: str | None) -> Tree:
        """The same with another text in a file of a ruleset's own folder; None: without it."""
        own = {**self.own(name), path: text}
        texts = {file: one for file, one in own.items() if one is not None}
        found = Tree({**self.folders, name: texts}, self.prefix)
        # What doesn't read that file is what it was: to check all again would take a second.
        others = self._known.items() if path == lock.FILE else self._untouched(found, name)
        found._known.update(others)
        return found

    def parent(self, name: str) -> str | None:
        """The ruleset that one extends, as its head says; None if it extends none."""
        own = self.folders.get(name)
        try:
            root = compose(own.get(HEAD, "") if own else "")
        except YamlFault:
            return None
        pairs = root.value if isinstance(root, yaml.MappingNode) else ()
        return next((str(value.value) for key, value in pairs if key.value == "extends"), None)

    def _read(self, name: str) -> Read:
        own, folder = self.own(name), self.folder(name)
        found = whole(own, folder, self._sibling)
        return Read(
            found.files, found.places, load(found.files, folder, found.places, found.faults)
        )

    def _untouched(self, now: Tree, name: str) -> Iterator[tuple[str, Read | InvalidRuleset]]:
        """What is known of rulesets that don't extend one, by the way of however many."""
        for one, found in self._known.items():
            chain: list[str] = []
            at: str | None = one
            while at is not None and at not in chain:
                chain.append(at)
                at = now.parent(at)
            if name not in chain:
                yield one, found

    def _sibling(self, name: str) -> Texts | None:
        found = self.folders.get(name)
        return found if found is not None and HEAD in found else None


def read_tree(root: Path = RULES) -> Tree:
    """The rulesets in a folder as they are now. Raises `UserError` if one can't be read."""
    folders: dict[str, dict[str, str]] = {}
    try:
        for head in sorted(root.glob(f"*/{HEAD}")):
            own = own_files(head.parent)
            if (locked := head.with_name(lock.FILE)).exists():
                own[lock.FILE] = read_text(locked)
            folders[head.parent.name] = own
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}") from None
    inside = root.resolve().is_relative_to(ROOT)
    return Tree(folders, shown(root.resolve()) if inside else root.name)


class RulesFolder:
    """The folder of rulesets, read anew when it is asked for, and checked when it has changed.

    Threads may share it.
    """

    def __init__(self, root: Path = RULES) -> None:
        self._root = root
        self._tree: Tree | None = None
        self._lock = threading.Lock()

    def tree(self) -> Tree:
        """The rulesets as they are now. Raises `UserError`."""
        found = read_tree(self._root)
        with self._lock:
            if self._tree is None or self._tree.folders != found.folders:
                self._tree = found
            return self._tree
