"""The expression language: parsing, types, and compiled code against a naive interpreter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.features.catalogue import FIRST
from risk.engine.rules.cases import NEUTRAL_FIELDS, situation
from risk.engine.rules.check import check
from risk.engine.rules.compiler import compile_rules
from risk.engine.rules.errors import Fault
from risk.engine.rules.lexer import MAX_LENGTH
from risk.engine.rules.names import DERIVED, KINDS, Kind, Value, read
from risk.engine.rules.parser import MAX_NESTING, MAX_OPERATORS, parse
from risk.engine.rules.tree import Binary, Literal, Member, Name, Node, Unary, names, render

LISTS: dict[str, tuple[Value, ...]] = {"countries": ("DE", "FR"), "numbers": (0, 1, 2.5)}

TEXT = {
    "country": st.sampled_from(["DE", "FR", "US"]),
    "currency": st.sampled_from(["EUR", "USD", "JPY", "KWD"]),
    "merchant_category": st.sampled_from(["5411", "7995"]),
    "channel": st.sampled_from(["web", "atm"]),
    "ip": st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1"]),
    "ip_network": st.sampled_from(["192.0.2.0/24", "2001:db8::/64", "2001:db8:0:1::/64"]),
}
ANY_TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
INTS = st.integers(0, 10**6)
FLOATS = st.floats(0, 1e6, allow_nan=False)


def values(name: str) -> st.SearchStrategy[Value]:
    kind = KINDS[name]
    if name == "hour_utc":
        return st.integers(0, 23)
    if name == "weekday_utc":
        return st.integers(1, 7)
    by_kind: dict[Kind, st.SearchStrategy[Any]] = {
        "int": st.one_of(st.integers(0, 3), INTS),
        "float": st.one_of(st.just(0.0), FLOATS),
        "bool": st.booleans(),
        "str": TEXT.get(name, ANY_TEXT),
    }
    return by_kind[kind]


def of_kind(*kinds: Kind) -> list[str]:
    return sorted(name for name, kind in KINDS.items() if kind in kinds)


def literals(kind: str) -> st.SearchStrategy[Node]:
    plain: st.SearchStrategy[Any] = INTS if kind == "int" else FLOATS
    return st.builds(Literal, plain)


whole: st.SearchStrategy[Node] = st.recursive(
    st.one_of(literals("int"), st.builds(Name, st.sampled_from(of_kind("int")))),
    lambda inner: st.one_of(
        st.builds(Unary, st.just("-"), inner),
        st.builds(Binary, st.sampled_from("+-*%"), inner, inner),
    ),
    max_leaves=4,
)
numbers: st.SearchStrategy[Node] = st.recursive(
    st.one_of(whole, literals("float"), st.builds(Name, st.sampled_from(of_kind("float")))),
    lambda inner: st.one_of(
        st.builds(Unary, st.just("-"), inner),
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
    ),
    max_leaves=4,
)


def text_comparisons(name: str) -> st.SearchStrategy[Node]:
    own = st.builds(Literal, values(name))
    listed = st.lists(values(name), min_size=1, max_size=3, unique=True).map(sort_members)
    return st.one_of(
        st.builds(Binary, st.sampled_from(["==", "!="]), st.just(Name(name)), own),
        st.builds(Member, st.sampled_from(["in", "not in"]), st.just(Name(name)), listed),
    )


def sort_members(found: Iterable[Value]) -> tuple[Literal, ...]:
    return tuple(sorted((Literal(v) for v in found), key=render))


signed = st.lists(st.integers(-50, 50), min_size=1, max_size=4, unique=True).map(sort_members)
conditions: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        st.builds(Literal, st.booleans()),
        st.builds(Name, st.sampled_from(of_kind("bool"))),
        st.builds(Binary, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), numbers, numbers),
        st.builds(Member, st.sampled_from(["in", "not in"]), numbers, signed),
        st.builds(Member, st.just("in"), numbers, st.just(Name("numbers"))),
        st.builds(Member, st.just("in"), st.just(Name("country")), st.just(Name("countries"))),
        st.sampled_from(of_kind("str")).flatmap(text_comparisons),
    ),
    lambda inner: st.one_of(
        st.builds(Unary, st.just("not"), inner),
        st.builds(Binary, st.sampled_from(["and", "or", "==", "!="]), inner, inner),
    ),
    max_leaves=8,
)
situations = st.fixed_dictionaries(
    {}, optional={name: values(name) for name in KINDS if name not in DERIVED}
)


def interpret(node: Node, env: dict[str, Value]) -> Any:
    """The meaning of an expression, said a second time, as plainly as can be."""
    match node:
        case Literal(value=value):
            return value
        case Name(name=name):
            return env[name]
        case Unary(op="not", operand=operand):
            return not interpret(operand, env)
        case Unary(operand=operand):
            return -interpret(operand, env)
        case Member(op=op, item=item, members=members):
            held = LISTS[members.name] if isinstance(members, Name) else [m.value for m in members]
            return (interpret(item, env) in held) is (op == "in")
        case Binary(op=op, left=left, right=right):
            return _binary(op, interpret(left, env), interpret(right, env))
    raise AssertionError(node)


def _binary(op: str, a: Any, b: Any) -> Any:
    match op:
        case "and":
            return a and b
        case "or":
            return a or b
        case "/":
            return 0.0 if b == 0 else a / b
        case "%":
            return 0 if b == 0 else a % b
        case "+" | "-" | "*":
            return {"+": a + b, "-": a - b, "*": a * b}[op]
    return {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]


@given(conditions)
def test_what_is_rendered_parses_back(node: Node) -> None:
    assert parse(render(node)) == node
    assert render(parse(render(node))) == render(node)


@given(st.lists(conditions, min_size=1, max_size=4), situations)
def test_compiled_rules_mean_what_the_interpreter_says(
    nodes: list[Node], given: dict[str, Value]
) -> None:
    for node in nodes:
        assert check(parse(render(node)), LISTS) == []
    features, txn, _ = situation(given)
    env = {**FIRST, **NEUTRAL_FIELDS, **given}
    env |= {name: read(name, features, txn) for name in DERIVED}
    hits = compile_rules([parse(render(node)) for node in nodes], LISTS)
    expected = tuple(i for i, node in enumerate(nodes) if interpret(node, env))
    assert hits(*situation(given)) == expected


@given(situations)
def test_derived_fields_come_from_the_event_time(given: dict[str, Value]) -> None:
    features, txn, _ = situation(given)
    for name in ("hour_utc", "weekday_utc"):
        assert read(name, features, txn) == given.get(name, NEUTRAL_FIELDS[name])


@given(st.text(max_size=60))
def test_any_text_parses_or_is_a_fault(text: str) -> None:
    try:
        node = parse(text)
    except Fault:
        return
    faults = check(node, LISTS)
    if not faults:
        compile_rules([node], LISTS)(*situation({}))


@given(st.lists(st.sampled_from(["amount", "(", ")", "not", "in", "[", "]", ",", "-", "1", "and"])))
def test_any_words_parse_or_are_a_fault(words: list[str]) -> None:
    try:
        node = parse(" ".join(words))
    except Fault:
        return
    check(node, LISTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 == 7", True),
        ("(1 + 2) * 3 == 9", True),
        ("7 - 2 - 1 == 4", True),
        ("not 1 == 2 and true", True),
        ("true or true and false", True),
        ("-2 + 3 == 1", True),
        ("amount / 0 == 0.0", True),
        ("amount % 0 == 0", True),
        ("1 / 4 == 0.25", True),
        ("-7 % 3 == 2", True),
        ("1 in [-1, 1]", True),
        ("country not in countries", False),
        ("source == 'it\\'s'", False),
        ("1_234 == amount", True),
        ("1.5e3 == 1500", True),
    ],
)
def test_meaning(text: str, expected: bool) -> None:
    node = parse(text)
    assert check(node, LISTS) == []
    assert bool(compile_rules([node], LISTS)(*situation({}))) is expected


@pytest.mark.parametrize(
    "name",
    [
        "event_time",
        "event_id",
        "card_token",
        "lat",
        "label",
        "fraud",
        "now",
        "txn",
        "features",
        "__builtins__",
        "open",
        "v_amount",
        "found",
        "hits",
        "True",
        "None",
        "lambda",
        "d_0",
    ],
)
def test_nothing_but_features_and_fields_has_a_value(name: str) -> None:
    assert check(parse(f"{name} == {name}"), LISTS)


@pytest.mark.parametrize(
    "text",
    [
        "open('x')",
        "amount.real",
        "amount[0]",
        "[1]",
        "{1}",
        "amount := 1",
        "lambda: 1",
        "f'{x}'",
        "amount if true else 1",
        "`id`",
        "a; b",
        "amount ** 2",
        "1 // 2",
        "~amount",
        "@amount",
    ],
)
def test_nothing_else_can_be_written(text: str) -> None:
    with pytest.raises(Fault):
        parse(text)


def test_the_compiled_function_sees_no_builtins() -> None:
    hits: Any = compile_rules([parse("amount > 5")], LISTS)
    assert hits.__globals__["__builtins__"] == {}
    assert set(hits.__globals__) == {"__builtins__", "hits"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("amount > 1 or " * 200 + "true", f"at most {MAX_LENGTH:,}"),
        ("(" * 40 + "true" + ")" * 40, f"nested more than {MAX_NESTING}"),
        ("not " * 40 + "true", f"nested more than {MAX_NESTING}"),
        ("1" + "+1" * 300 + " == 2", f"more than {MAX_OPERATORS} operators"),
        ("amount > 10000000000000000", "too large"),
        ("amount > 1e999", "too large"),
    ],
)
def test_limits(text: str, message: str) -> None:
    with pytest.raises(Fault, match=message):
        parse(text)


def test_a_product_that_could_outgrow_a_float_is_refused() -> None:
    text = " * ".join(["user_amount_5m"] * 11) + " / 2 > 0.5"
    assert "too large" in check(parse(text), LISTS)[0].message


@given(st.sampled_from(of_kind("int")), st.integers(0, 2**63))
def test_arithmetic_is_total(name: str, value: int) -> None:
    if name in ("hour_utc", "weekday_utc", "amount"):
        value %= 7 if name == "hour_utc" else 6
        value += 1
    text = f"-({name} * {name} * {name} * {name}) / 0.001 - {name} / {name} < 1e15 * {name}"
    node = parse(text)
    assert check(node, LISTS) == []
    compile_rules([node], LISTS)(*situation({name: value}))


def test_infinity_and_nan_do_not_raise() -> None:
    text = "1e15" + " * 1e15" * 30 + " - 1e15" + " * 1e15" * 30 + " > 0"
    node = parse(text)
    assert check(node, LISTS) == []
    assert compile_rules([node], LISTS)(*situation({})) == ()
    assert math.isnan(float("inf") - float("inf"))


def test_neutral_values_cover_every_name() -> None:
    assert set(FIRST) | set(NEUTRAL_FIELDS) == set(KINDS) - set(DERIVED)


def test_names_of_a_tree() -> None:
    assert set(names(parse("not user_new_device and -amount * hour_utc in [1]"))) == {
        "user_new_device",
        "amount",
        "hour_utc",
    }
