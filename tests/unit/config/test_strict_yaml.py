"""What a scalar of YAML means, in the settings and in the files of a ruleset."""

from __future__ import annotations

import math
import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from risk.config.strict_yaml import (
    Scalar,
    StrictLoader,
    Surprise,
    YamlFault,
    compose,
    read_mapping,
    scalar,
)


def node(text: str) -> yaml.Node:
    found = yaml.compose(text, Loader=StrictLoader)
    assert isinstance(found, yaml.ScalarNode)
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("7", 7), ("-7", -7), ("+7", 7), ("0", 0)),
        *(("2.5", 2.5), ("-0.5", -0.5), (".5", 0.5), ("1.", 1.0), ("1.5e+3", 1500.0)),
        *(("true", True), ("false", False), ("'NO'", "NO"), ("DE", "DE"), ("1.5e3", "1.5e3")),
    ],
)
@pytest.mark.parametrize("grouped", [False, True])
def test_what_means_what_it_looks_like(text: str, value: Scalar, grouped: bool) -> None:
    found = scalar(node(text), grouped=grouped)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("text", "value"), [("10_000", 10_000), ("1_000.5", 1000.5)])
def test_underscores_between_digits_only_where_they_may_be(text: str, value: Scalar) -> None:
    assert scalar(node(text), grouped=True) == value
    with pytest.raises(Surprise, match="other"):
        scalar(node(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((text, "other") for text in ("NO", "yes", "True", "0742", "0x10", "0b1", "12:30")),
        *((text, "other") for text in (".inf", "-.inf", ".nan", "12:30.5", "2026-01-01")),
        *((text, "other") for text in ("9" * 33, f"{'9' * 400}.0", "1__0", "=", "!!float x")),
        *((text, "null") for text in ("~", "null", "Null", "!!null ''")),
        *((text, "tag") for text in ("!amount", "!x 1")),
    ],
)
@pytest.mark.parametrize("grouped", [False, True])
def test_what_does_not(text: str, kind: str, grouped: bool) -> None:
    with pytest.raises(Surprise, match=f"^{kind}$"):
        scalar(node(text), grouped=grouped)


@given(st.text(string.digits + "+-._:eExXbonatruflsNYy~!", min_size=1, max_size=12))
def test_a_number_is_what_python_reads_as_well(text: str) -> None:
    try:
        found = yaml.compose(text, Loader=StrictLoader)
        value = scalar(found, grouped=True) if isinstance(found, yaml.ScalarNode) else None
    except (yaml.YAMLError, Surprise):
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        plain = text.strip().split(" ")[-1].replace("_", "")
        assert value == float(plain)
        assert math.isfinite(value)


@pytest.mark.parametrize(
    ("text", "line", "column", "index"),
    [("a: b\nc: [", 2, 5, 9), ("a: b\nc\0", 2, 2, 6), ("x" * 1_000_001, 1, 1, 0)],
)
def test_a_fault_tells_its_place(text: str, line: int, column: int, index: int) -> None:
    with pytest.raises(YamlFault) as error:
        compose(text)
    assert (error.value.line, error.value.column, error.value.index) == (line, column, index)


def test_nothing_is_a_null_but_a_tilde_is_not() -> None:
    found = read_mapping("a:\nb: null")
    assert (found.values, found.empty) == ({"a": None, "b": None}, ["a"])
    with pytest.raises(YamlFault, match="something else"):
        read_mapping("a: ~")


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ('a: "\\U00110000"', 7, "not YAML: an escape that stands for no character"),
        ('a: "\\UFFFFFFFF"', 7, "not YAML: an escape that stands for no character"),
        ('a: "\\ud800"', 4, "not YAML: a NUL or half of a surrogate pair"),
        ('a: "x\\0"', 4, "not YAML: a NUL or half of a surrogate pair"),
        ('"\\0": b', 1, "not YAML: a NUL or half of a surrogate pair"),
    ],
)
def test_an_escape_of_what_no_store_holds_is_refused(text: str, column: int, told: str) -> None:
    with pytest.raises(YamlFault, match=told) as caught:
        compose(text)
    assert (caught.value.line, caught.value.column) == (1, column)
