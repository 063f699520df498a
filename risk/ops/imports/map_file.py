"""The map's own file: YAML in which every fault is shown with its line and a caret under it."""

from __future__ import annotations

import codecs
from typing import Any, Final, get_args

import msgspec
import yaml

from risk.audit.moments import length
from risk.engine.payment.transaction import SCHEMA_VERSION, Transaction
from risk.engine.rules.document import Document
from risk.ops.imports import cells
from risk.ops.imports.cells import MISSING, filled
from risk.ops.imports.map_fields import Fields, text_of
from risk.ops.imports.mapping import Field, FileForm, Format, KnownAt, Labels, Map, refuse

# What a map may leave out, though a payment has it.
SOURCE: Final = "import"
_NUMBERS: Final = ("lat", "lon")
_TEXTS: Final = (
    *("event_id", "user_id", "currency", "merchant_id", "merchant_category", "channel"),
    *("country", "ip", "device_id", "card_token", "source"),
)
PAYMENT: Final = ("event_time", "amount", *_TEXTS, *_NUMBERS)
_RESERVED: Final = frozenset((*PAYMENT, "schema_version"))
_ATTRIBUTE: Final = r"[A-Za-z_][A-Za-z0-9_]{0,63}"


def read_map(text: str, name: str) -> Map:
    """The map in a text. Raises `UserError` with all that is wrong with it."""
    document = Document(name, text)
    refuse(document.errors)
    keys = document.mapping(document.root, ("payments",), ("file", "attributes", "labels"))
    file = _file(document, keys.get("file"))
    fields = Fields(document, file.empty)
    required = [
        field.name
        for field in msgspec.structs.fields(Transaction)
        if field.required and field.name in PAYMENT and field.name != "source"
    ]
    given = document.mapping(
        keys.get("payments"), required, [name for name in PAYMENT if name not in required]
    )
    found = [fields.text(one, given[one]) for one in _TEXTS if one in given]
    found += [fields.number(one, given[one]) for one in _NUMBERS if one in given]
    found.append(fields.time("event_time", given.get("event_time")))
    found.append(_fixed("schema_version", SCHEMA_VERSION))
    if "source" not in given:
        found.append(_fixed("source", SOURCE))
    found += _attributes(document, keys.get("attributes"), fields)
    amount = fields.amount("amount", given.get("amount"))
    labels = _labels(document, keys["labels"], fields) if "labels" in keys else None
    refuse(document.errors)
    return Map(file, found, amount, labels, document)


def _fixed(name: str, value: object) -> Field:
    return Field(name, None, value, cells.as_read, None)


def _file(document: Document, node: yaml.Node | None) -> FileForm:
    keys = document.mapping(node, (), ("format", "delimiter", "encoding", "empty"))
    forms = get_args(Format)
    form: Any = document.choice(keys.get("format"), forms, "csv, jsonl or parquet")
    marks = (",", ";", "\t", "|")
    mark = document.choice(keys.get("delimiter"), marks, "',', ';', '|' or \"\\t\"")
    encoding = document.line(keys.get("encoding"), "an encoding such as utf-8")
    try:
        # Others, such as zlib_codec, make bytes of bytes.
        if not getattr(codecs.lookup(encoding or "utf-8"), "_is_text_encoding", True):
            raise LookupError
    except (LookupError, ValueError):
        document.fault(keys.get("encoding"), "no encoding: such as utf-8 or latin-1", whole=True)
    empty = []
    for item in document.items(keys.get("empty"), "a list of texts: [NA, '-']"):
        text = text_of(document, item)
        if text is not None:
            empty.append(text)
    return FileForm(form, str(mark or ","), encoding or "utf-8", frozenset(empty))


def _attributes(document: Document, node: yaml.Node | None, fields: Fields) -> list[Field]:
    """A list of columns that keep their names, or fields by the names that they get."""
    found: list[Field] = []
    given: list[tuple[str, yaml.Node, yaml.Node]] = []
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            if (name := document.line(item, "the name of a column")) is not None:
                given.append((name, item, item))
    else:
        given = [(name, *both) for name, both in document.entries(node).items()]
    seen: set[str] = set()
    for name, place, value in given:
        if name in _RESERVED:
            document.fault(place, f"{name} is a field of a payment: map it there", whole=True)
        elif name in seen:
            document.fault(place, f"'{name}' stands here twice", whole=True)
        elif document.word(place, _ATTRIBUTE, "a name of letters, digits and _: name: column"):
            found.append(fields.attribute(name, value))
        seen.add(name)
    return found


def _labels(document: Document, node: yaml.Node, fields: Fields) -> Labels | None:
    keys = document.mapping(node, ("verdict", "known_at"), ("by", "note"))
    verdict = _verdict(document, keys.get("verdict"), fields)
    known = _known_at(document, keys.get("known_at"), fields)
    words = [fields.text(one, keys[one]) for one in ("by", "note") if one in keys]
    return Labels(verdict, known, words) if verdict and known else None


def _verdict(document: Document, node: yaml.Node | None, fields: Fields) -> Field | None:
    keys = document.mapping(node, ("column", "fraud", "legitimate"), ("unknown",))
    meaning: dict[str, str | None] = {}
    for key, means in (("fraud", "fraud"), ("legitimate", "legitimate"), ("unknown", None)):
        for item in document.items(keys.get(key), "a list: [1] or [fraud, chargeback]"):
            text = text_of(document, item)
            if text is None:
                continue
            if text in meaning:
                document.fault(item, f"{text} stands in these lists twice", whole=True)
            meaning[text] = means
    column = document.line(keys.get("column"), "the name of a column")
    convert = filled(cells.mapped(meaning, MISSING), fields.empty, None)
    return Field("verdict", column, MISSING, convert, keys.get("column"))


def _known_at(document: Document, node: yaml.Node | None, fields: Fields) -> KnownAt | None:
    """A column, a length after the event, or both: the length is for empty cells then."""
    if node is None:
        return None
    keys = document.mapping(node, (), ("column", "time", "zone", "unclear", "after"))
    text = document.line(keys.get("after"), "a length such as 7d or 12h")
    after = length(text) if text else None
    if text and after is None:
        document.fault(keys["after"], "expected a length such as 12h or 7d", whole=True)
    if "column" in keys:
        return KnownAt(fields.time("known_at", node, keys), after)
    if isinstance(node, yaml.MappingNode) and "after" not in keys:
        document.fault(node, "when was it known: a 'column' and its 'time', or 'after: 7d'")
    return KnownAt(None, after)
