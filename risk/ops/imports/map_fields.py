"""One field of a map: a column and how it is converted, or a constant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo, available_timezones

import yaml

from risk.engine.rules.document import Document
from risk.engine.rules.errors import did_you_mean
from risk.ops.imports import amounts, cells, times
from risk.ops.imports.cells import MISSING, Convert, filled
from risk.ops.imports.mapping import Amount, Field

TEXT: Final = ("column", "constant", "prefix", "values", "other", "default")
TIME: Final = ("column", "constant", "time", "zone", "unclear")
AMOUNT: Final = ("column", "constant", "unit", "point", "group", "round", "default")
NUMBER: Final = ("column", "constant", "default")
TYPES: Final[Mapping[str, Convert]] = {
    "text": cells.text_of,
    "number": cells.number,
    "integer": cells.integer,
    "boolean": cells.boolean,
}
MCC_DIGITS: Final = 4
Nodes = dict[str, yaml.Node]


class Fields:
    """Reads fields of one document, which notes the faults."""

    def __init__(self, document: Document, empty: frozenset[str]) -> None:
        self._document = document
        self.empty = empty

    def text(self, name: str, node: yaml.Node | None) -> Field:
        """An id, a code or another text."""
        keys = self.keys(node, TEXT)
        prefix = self._blank_or_text(keys.get("prefix"))
        digits = MCC_DIGITS if name == "merchant_category" else 0
        convert = self._valued(keys, cells.text(prefix, digits), lambda found: prefix + found)
        return self._field(name, keys, convert, cells.text_of)

    def number(self, name: str, node: yaml.Node | None) -> Field:
        """A coordinate."""
        return self._field(name, self.keys(node, NUMBER), cells.number, cells.number)

    def attribute(self, name: str, node: yaml.Node | None) -> Field:
        """As the file has it, or of a type."""
        keys = self.keys(node, (*TEXT, "type"))
        known = ", ".join(TYPES)
        kind = self._document.choice(keys.get("type"), tuple(TYPES), f"one of {known}")
        convert: Convert = TYPES[str(kind)] if kind else cells.as_read
        if "prefix" in keys:
            convert = cells.text(self._blank_or_text(keys["prefix"]), 0)
        return self._field(name, keys, self._valued(keys, convert, None), convert)

    def time(self, name: str, node: yaml.Node | None, keys: Nodes | None = None) -> Field:
        """A time: `time` says how it is written. The `keys` of its node may have been read."""
        keys = self.keys(node, TIME) if keys is None else keys
        if "constant" in keys:
            return self._field(name, keys, cells.integer, cells.integer)
        if node is not None and "time" not in keys:
            ways = "s, ms, us, iso or a format such as '%d/%m/%Y %H:%M'"
            self._document.fault(node, f"'time' is missing: how it is written: {ways}")
        return self._field(name, keys, self._time(keys), cells.integer)

    def amount(self, name: str, node: yaml.Node | None) -> Amount:
        """An amount: `unit` says whether it is in major or in minor units."""
        keys = self.keys(node, AMOUNT)
        document = self._document
        if node is not None and keys and "unit" not in keys and "constant" not in keys:
            document.fault(node, "'unit' is missing: major (12.34) or minor (1234)")
        unit = document.choice(keys.get("unit"), ("major", "minor"), "major or minor")
        point = document.choice(keys.get("point"), (".", ","), "'.' or ','") or "."
        group = document.choice(keys.get("group"), (".", ",", " ", "'"), "'.', ',', ' ' or \"'\"")
        modes = get_args(amounts.Rounding)
        mode: Any = document.choice(keys.get("round"), modes, " or ".join(modes))
        if group == point:
            document.fault(keys.get("group"), "group and point are the same")
        for key in ("point", "group", "round"):
            if key in keys and unit == "minor":
                document.fault(keys[key], f"{key} is for major units alone")
        big = amounts.major(str(point), str(group or ""), mode)
        field = self._field(name, keys, lambda cell: cell, cells.integer)
        return Amount(field, amounts.minor if unit == "minor" else big)

    def keys(self, node: yaml.Node | None, known: tuple[str, ...]) -> Nodes:
        """The keys of a field. A plain word is its column."""
        if isinstance(node, yaml.ScalarNode):
            return {"column": node}
        found = self._document.mapping(node, (), known)
        if isinstance(node, yaml.MappingNode):
            if ("column" in found) == ("constant" in found):
                both = (
                    "is missing" if "column" not in found else "and 'constant' exclude each other"
                )
                self._document.fault(node, f"'column' {both}: a field is one or the other")
            for key in found if "constant" in found else ():
                if key not in ("column", "constant"):
                    self._document.fault(found[key], f"a constant has no {key}")
        return found

    def _field(self, name: str, keys: Nodes, convert: Convert, constant: Convert) -> Field:
        node = keys.get("column")
        column = self._document.line(node, "the name of a column")
        fixed = self._value(keys.get("constant"), constant)
        default = self._value(keys.get("default"), constant)
        return Field(name, column, fixed, filled(convert, self.empty, default), node)

    def _value(self, node: yaml.Node | None, convert: Convert) -> Any:
        value = self._document.scalar(node) if node else None
        if value is None:
            return MISSING
        try:
            return convert(value)
        except cells.Wrong as wrong:
            self._document.fault(node, str(wrong), whole=True)
        return MISSING

    def _valued(self, keys: Nodes, convert: Convert, then: Callable[[str], Any] | None) -> Convert:
        """The conversion, by the field's own values if it has some."""
        if "values" not in keys:
            if "other" in keys:
                self._document.fault(keys["other"], "'other' is for what 'values' doesn't name")
            return convert
        found: dict[str, Any] = {}
        for key, (_, node) in self._document.entries(keys["values"]).items():
            value = self._map_value(node, then)
            if value is not None:
                found[key.strip()] = value
        other = self._map_value(keys["other"], then) if "other" in keys else None
        return cells.mapped(found, MISSING if other is None else other)

    def _map_value(self, node: yaml.Node, then: Callable[[str], Any] | None) -> Any:
        if then is None:
            return self._document.scalar(node)
        text = text_of(self._document, node)
        return None if text is None else then(text)

    def _time(self, keys: Nodes) -> Convert:
        document = self._document
        form = document.line(keys.get("time"), "s, ms, us, iso or a format of strptime") or "iso"
        zone = self._zone(keys.get("zone"))
        ways = get_args(times.Unclear)
        unclear: Any = document.choice(keys.get("unclear"), ways, "reject, earlier or later")
        if form in times.UNITS:
            for key in ("zone", "unclear"):
                if key in keys:
                    document.fault(keys[key], f"time since the epoch is UTC: it has no {key}")
            return times.since_epoch(form)
        if form == "iso":
            return times.iso(zone, unclear or "reject")
        if fault := _format_fault(form):
            document.fault(keys.get("time"), fault, whole=True)
        elif "%z" not in form and "zone" not in keys:
            message = "this has no %z: add 'zone', such as UTC or Europe/Berlin"
            document.fault(keys.get("time"), message, whole=True)
        return times.written(form, zone, unclear or "reject")

    def _zone(self, node: yaml.Node | None) -> ZoneInfo | None:
        name = self._document.line(node, "a zone such as UTC or Europe/Berlin")
        if name is None:
            return None
        if name not in _zones():
            near = did_you_mean(
                name.rpartition("/")[2], [z.rpartition("/")[2].lower() for z in _zones()]
            )
            full = [
                z for z in sorted(_zones()) if near.endswith(f"{z.rpartition('/')[2].lower()}?")
            ]
            hint = f": did you mean {full[0]}?" if near and full else ": such as Europe/Berlin"
            self._document.fault(node, f"no zone of the IANA database{hint}", whole=True)
            return None
        return ZoneInfo(name)

    def _blank_or_text(self, node: yaml.Node | None) -> str:
        return (text_of(self._document, node) if node else None) or ""


def text_of(document: Document, node: yaml.Node) -> str | None:
    """A value of the map as a cell's text; None for a faulty one, which the document notes."""
    value = document.scalar(node)
    try:
        return None if value is None else cells.text_of(value)
    except cells.Wrong as wrong:
        document.fault(node, str(wrong), whole=True)
    return None


@lru_cache(1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _format_fault(form: str) -> str | None:
    """What is wrong with a format of strptime."""
    if "%" not in form:
        return f"{form!r}: neither s, ms, us or iso nor a format with directives such as %Y"
    try:
        datetime.strptime("", form)
    except ValueError as error:
        if "does not match" not in str(error):
            return str(error)
    except (IndexError, KeyError, re.error):  # the last of a directive that stands twice
        return "no format of strptime"
    return None
