"""A query as Elasticsearch is asked it."""

from __future__ import annotations

from typing import Any

from risk.audit.query import (
    ATTRIBUTE,
    ATTRIBUTES,
    NUMBERS,
    TEXTS,
    TIME,
    VERSION,
    Compare,
    Match,
    Query,
    Value,
    is_attribute,
)

_RANGE = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


def to_elastic(query: Query, now: int) -> dict[str, Any]:
    """The body of `query`. `now` is in ms UTC: what `last` looks back from."""
    held: list[dict[str, Any]] = []
    barred: list[dict[str, Any]] = []
    for term in query.terms:
        clause = _match(term) if isinstance(term, Match) else _compare(term)
        (barred if term.negated else held).append(clause)
    since = now - query.last if query.last is not None else query.since
    span = {"gte": since, "lt": query.until}
    bounds = {name: moment for name, moment in span.items() if moment is not None}
    if bounds:
        held.append({"range": {TIME: {**bounds, "format": "epoch_millis"}}})
    return {"bool": {"filter": held, "must_not": barred}}


def _match(term: Match) -> dict[str, Any]:
    clauses = [_value(term.field, value) for value in term.values]
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses}}


def _value(field: str, value: Value) -> dict[str, Any]:
    name = ATTRIBUTES + field.removeprefix(ATTRIBUTE) if is_attribute(field) else TEXTS[field]
    if value.prefix:
        return {"prefix": {name: value.text}} if value.text else {"exists": {"field": name}}
    ruleset, _, version = value.text.rpartition(":")
    if field == "ruleset" and ruleset and version.isdecimal():
        return {"bool": {"filter": [{"term": {name: ruleset}}, {"term": {VERSION: int(version)}}]}}
    return {"term": {name: value.text}}


def _compare(term: Compare) -> dict[str, Any]:
    name = NUMBERS[term.field]
    if term.operator == "=":
        return {"term": {name: term.number}}
    return {"range": {name: {_RANGE[term.operator]: term.number}}}
