"""The query language of `risk audit`: text into a `Query`. docs/reference/audit.md describes it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from risk.audit.moments import length, moment
from risk.audit.query import (
    ATTRIBUTE,
    NUMBERS,
    TEXTS,
    UPPER,
    VALUES,
    Compare,
    Match,
    Operator,
    Query,
    Value,
    is_attribute,
)
from risk.engine.rules.errors import Fault, did_you_mean

FIELDS: Final = (*TEXTS, *NUMBERS)
ANY: Final = ATTRIBUTE + "NAME"  # of those that a ruleset declares
LONGEST: Final = 10_000  # characters; Elasticsearch takes a thousand terms or so
TIMES: Final = ("last", "from", "to")
_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"[^\s:<>=,\"]+")
_OPERATOR = re.compile(r">=|<=|[:=<>]")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BARE = re.compile(r'[^\s,"]+')
_COMMA = re.compile(r"\s*,\s*")
_ESCAPE = re.compile(r"\\(.)")
_INTEGER = re.compile(r"-?\d{1,18}")


def lone_id(words: Sequence[str]) -> str | None:
    """The event's id, if the command was given one word that is no query; else None.

    A query has one of `: < > =`, a quotation mark, a comma or a space in it, or is one of the
    language's own words. An id that looks like that is asked for in another way.
    """
    if len(words) != 1 or not _WORD.fullmatch(words[0]):
        return None
    return None if words[0].lower() in (*TIMES, "and") else words[0]


def parse(text: str) -> Query:
    """The query of a text. Raises `Fault` at the first thing that doesn't fit."""
    if len(text) > LONGEST:
        raise Fault(0, 1, f"too long: {len(text):,} characters, at most {LONGEST:,} may be")
    return _Parser(text).whole()


def explain(text: str, fault: Fault) -> str:
    """What is wrong with a query, and under it where."""
    if len(text) > LONGEST:
        return f"query: {fault.message}"
    gap = "".join("\t" if c == "\t" else " " for c in text[: fault.start])
    carets = "^" * max(1, min(fault.end, len(text)) - fault.start)
    return f"query: {fault.message}\n    {text}\n    {gap}{carets}"


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> Query:
        query = Query()
        while self._space():
            query = self._term(query)
        return query

    def _space(self) -> bool:
        """Pass white space; whether there is more."""
        self._take(_SPACE)
        return self._at < len(self._text)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def _term(self, query: Query) -> Query:
        start = self._at
        negated = self._text[start] == "-"
        self._at += negated
        word = self._take(_WORD)
        if not word:
            raise Fault(start, start + 1, f"a term begins with a field: {', '.join(FIELDS)}")
        name = word[0].lower()
        operator = self._take(_OPERATOR)
        if operator:
            return replace(query, terms=(*query.terms, self._field(word, operator, negated)))
        if negated:
            raise Fault(start, word.end(), f"- is for a field: -decision:ALLOW, not -{name}")
        if name in TIMES:
            return self._time(query, word)
        if name == "and":
            return query  # all terms must hold anyway
        if name == "or":
            raise Fault(
                start, word.end(), "there is no or: give a field several values, as in a:b,c"
            )
        raise Fault(start, word.end(), f"{word[0]} has no field: write user:{word[0]}, say")

    def _field(
        self, word: re.Match[str], operator: re.Match[str], negated: bool
    ) -> Match | Compare:
        name = word[0].lower()
        if name not in FIELDS and not is_attribute(name):
            close = did_you_mean(name, FIELDS) or f": there are {', '.join((*FIELDS, ANY))}"
            raise Fault(word.start(), word.end(), f"no field {word[0]}{close}")
        if name in NUMBERS:
            start = self._at
            found = self._take(_BARE)
            if not found or not _INTEGER.fullmatch(found[0]):
                end = found.end() if found else start + 1
                raise Fault(start, end, f"{name} is compared with a whole number: {name}>=70")
            sign: Operator = "=" if operator[0] == ":" else operator[0]  # type: ignore[assignment]
            return Compare(name, sign, int(found[0]), negated)
        if operator[0] not in (":", "="):
            raise Fault(
                operator.start(),
                operator.end(),
                f"{name} is text: write {name}:value, not {operator[0]}",
            )
        values = [self._value(name)]
        while self._take(_COMMA):
            values.append(self._value(name))
        return Match(name, tuple(values), negated)

    def _value(self, name: str) -> Value:
        start = self._at
        if quoted := self._take(_QUOTED):
            return Value(_checked(name, _ESCAPE.sub(r"\1", quoted[1]), quoted))
        if start < len(self._text) and self._text[start] == '"':
            raise Fault(start, len(self._text), "the quote is not closed")
        bare = self._take(_BARE)
        if not bare:
            raise Fault(start, start + 1, f"{name} has no value here: write {name}:value")
        if bare[0].endswith("*") and name not in ("ip", *VALUES):
            return Value(bare[0].removesuffix("*"), prefix=True)
        return Value(_checked(name, bare[0], bare))

    def _time(self, query: Query, word: re.Match[str]) -> Query:
        name = word[0].lower()
        self._space()
        start = self._at
        found = self._take(_BARE)
        text = found[0] if found else ""
        end = found.end() if found else start + 1
        if name == "last":
            value = length(text)
            if value is None:
                raise Fault(start, end, "last is followed by a length of time: 30m, 24h or 7d")
        else:
            value = moment(text, end=name == "to")
            if value is None:
                raise Fault(
                    start,
                    end,
                    f"{name} is followed by a time: 2025-03-01 or 2025-03-01T14:30, in UTC",
                )
        field = {"last": "last", "from": "since", "to": "until"}[name]
        if getattr(query, field) is not None:
            raise Fault(word.start(), end, f"{name} twice")
        bound: dict[str, Any] = {field: value}
        query = replace(query, **bound)
        if query.last is not None and query.since is not None:
            raise Fault(word.start(), end, "last and from both say where to begin: leave one out")
        if query.since is not None and query.until is not None and query.since >= query.until:
            raise Fault(word.start(), end, "from is not before to")
        return query


def _checked(name: str, text: str, found: re.Match[str]) -> str:
    """The value in the case in which it is stored. Raises `Fault` if the field can't have it."""
    if not text:
        raise Fault(found.start(), found.end(), f"{name} has no value here")
    if name in VALUES:
        for value in VALUES[name]:
            if value.lower() == text.lower():
                return value
        raise Fault(
            found.start(), found.end(), f"{name} is one of {', '.join(VALUES[name])}, not {text}"
        )
    if name == "ip":
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise Fault(
                found.start(),
                found.end(),
                f"{text} is no IP address, nor a network such as 192.0.2.0/24",
            ) from None
    return text.upper() if name in UPPER else text
