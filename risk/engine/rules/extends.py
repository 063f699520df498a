"""A ruleset that `extends` another: both made into the files of one that stands alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import yaml

from risk.engine.rules.declared import FILE, check_require, read_attributes
from risk.engine.rules.declared import text as attributes_text
from risk.engine.rules.document import Document
from risk.engine.rules.errors import InvalidRuleset, RuleError, did_you_mean
from risk.engine.rules.head import HEAD, Head, Lists, read_head
from risk.engine.rules.loader import LIST_FILE
from risk.engine.rules.modelfile import is_model
from risk.engine.rules.names import Attribute, Value

MOST: Final = 4  # rulesets, each extending the next

Files = Mapping[str, str]
Sibling = Callable[[str], Files | None]


class Whole(NamedTuple):
    """The files of a ruleset that stands alone, for `load`.

    `places` are the names that messages give to those that come from several folders, and `faults`
    what is wrong with the heads.
    """

    files: dict[str, str]
    places: dict[str, str]
    faults: tuple[RuleError, ...] = ()


class _Source(NamedTuple):
    """A ruleset's own files, its head read."""

    prefix: str
    files: Files
    document: Document
    head: Head


def whole(files: Files, folder: str, sibling: Sibling) -> Whole:
    """A ruleset with all that it takes from others.

    `sibling` gives the files of the folder of that name beside this one; None if there is none.
    Raises `InvalidRuleset` if a ruleset that is extended isn't there.
    """
    if HEAD not in files:
        return Whole(dict(files), {})
    chain = _chain(files, folder, sibling)
    if len(chain) == 1:
        return Whole(dict(files), {})
    merged: dict[str, str] = {}
    places: dict[str, str] = {}
    lists: Lists = {}
    review = block = None
    declared = _Declared()
    for source in reversed(chain):
        head = source.head
        _leave_out(source, merged)
        declared.add(source)
        for path, text in source.files.items():
            if (path.endswith((".yaml", ".yml")) and path != HEAD) or is_model(path):
                merged[path], places[path] = text, source.prefix + path
                if match := LIST_FILE.fullmatch(path):
                    lists.pop(match[1], None)
        for name in head.lists:
            if f"lists/{name}.yaml" not in source.files:
                merged.pop(f"lists/{name}.yaml", None)
        lists |= head.lists
        review, block = head.review or review, head.block or block
        if review and block and review > block and not (head.review and head.block):
            place = head.places.get("thresholds")
            source.document.fault(place, f"review would be {review}, above block, {block}")
    own = chain[0]
    merged[HEAD] = _text(own, folder, review or 1, block or 100, lists, declared.required)
    places[HEAD] = own.prefix + HEAD
    if len(declared.documents) > 1:
        merged[FILE], places[FILE] = attributes_text(declared.attributes), own.prefix + FILE
    faults = tuple(fault for source in chain for fault in source.document.errors)
    if len(declared.documents) > 1:  # else what is wrong in the only one is found as it is loaded
        faults += tuple(fault for one in declared.documents for fault in one.errors)
    return Whole(merged, places, faults)


class _Declared:
    """What rulesets that extend one another declare and require: all of it."""

    def __init__(self) -> None:
        self.attributes: dict[str, Attribute] = {}
        self.required: dict[str, None] = {}
        self.documents: list[Document] = []

    def add(self, source: _Source) -> None:
        """Take up what one more of them says."""
        if FILE in source.files:
            document = Document(source.prefix + FILE, source.files[FILE])
            for name, attribute in read_attributes(document).items():
                known = self.attributes.get(name)
                if known is not None and known.kind != attribute.kind:
                    (place, _) = document.entries(document.root)[name]
                    told = f"{name} is {known.kind} in what {source.head.name} extends"
                    document.fault(
                        place, f"{told}: leave it so, or choose another name", whole=True
                    )
                self.attributes[name] = attribute
            self.documents.append(document)
        check_require(source.document, source.head.require, self.attributes)
        self.required |= dict.fromkeys(source.head.require)


def _chain(files: Files, folder: str, sibling: Sibling) -> list[_Source]:
    """The ruleset and those that it extends, one after another."""
    beside, _, own = folder.rstrip("/").rpartition("/")
    beside = f"{beside}/" if beside else "" if own else "../"
    chain = [_source(files, folder)]
    names = [own or chain[0].head.name or ""]
    while name := chain[-1].head.extends:
        last = chain[-1]
        found = None
        if name in names:
            path = " → ".join([*names[names.index(name) :], name])
            message = f"a ruleset can't extend itself: {path}"
        elif len(chain) == MOST:
            message = f"more than {MOST} rulesets would extend one another"
        elif (found := sibling(name)) is None or HEAD not in found:
            message = f"no ruleset {name} is in the folder beside this one"
            found = None
        if found is None:
            last.document.fault(last.head.places["extends"], message, whole=True)
            raise InvalidRuleset(last.document.errors)
        chain.append(_source(found, beside + name))
        names.append(name)
    return chain


def _source(files: Files, folder: str) -> _Source:
    prefix = folder.rstrip("/") + "/" if folder else ""
    document = Document(prefix + HEAD, files[HEAD])
    return _Source(prefix, files, document, read_head(document, folder))


def _leave_out(source: _Source, merged: dict[str, str]) -> None:
    """Drop the rules that a ruleset does without."""
    rules = [path.removesuffix(".yaml") for path in merged if "/" not in path]
    for rule, node in source.head.without.items():
        path = f"{rule}.yaml"
        if path in source.files and path != HEAD:
            source.document.fault(node, f"{path} is in this folder: remove it", whole=True)
        elif path not in merged:
            hint = did_you_mean(rule, rules)
            message = f"{source.head.extends} has no rule {rule}{hint}"
            source.document.fault(node, message, whole=True)
        else:
            del merged[path]


def _text(
    own: _Source,
    folder: str,
    review: int,
    block: int,
    lists: Lists,
    required: Iterable[str],
) -> str:
    """The head of the whole. What is faulty, and told as such, has a stand-in."""
    head = own.head
    name = folder.rstrip("/").rpartition("/")[2] or head.name or "ruleset"
    lines = [
        f"# With all that it takes from {head.extends}.",
        f"name: {name}",
        f"version: {head.version or 1}",
        f"description: {_scalar(head.description or 'none')}",
        f"thresholds: {{review: {review}, block: {block}}}",
    ]
    if names := ", ".join(required):
        lines.append(f"require: [{names}]")
    if lists:
        lines.append("lists:")
    for key, values in lists.items():
        lines.append(f"  {key}: [{', '.join(map(_scalar, values))}]")
    return "\n".join(lines) + "\n"


def _scalar(value: Value) -> str:
    """A value as YAML reads it again."""
    if isinstance(value, str):
        text: str = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10**9)
        return text.strip()
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text
