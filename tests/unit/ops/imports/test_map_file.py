"""A map's faults, each with its line and a caret under it, and what a map may leave out."""

from __future__ import annotations

import pytest

from risk.errors import UserError
from risk.ops.imports.map_file import read_map
from tests.unit.ops.imports.maps import LABELS, PAYMENTS


def faults(text: str) -> str:
    with pytest.raises(UserError) as refused:
        read_map(text, "map.yaml")
    return str(refused.value)


def changed(old: str, new: str) -> str:
    assert old in PAYMENTS + LABELS
    return (PAYMENTS + LABELS).replace(old, new)


def test_a_right_map_is_read() -> None:
    found = read_map(PAYMENTS + LABELS, "map.yaml")
    assert {field.column for field in found.columns()} == {
        *("id", "who", "when", "euros", "shop", "mcc", "how", "fraud")
    }
    assert found.labels
    assert found.labels.known_at.after_ms == 7 * 86_400_000


GOLDEN = [
    (
        "  user_id: who\n",
        "  user_id: {colunm: who}\n",
        """\
map.yaml:3:12: 'column' is missing: a field is one or the other
      user_id: {colunm: who}
               ^
map.yaml:3:13: unknown key colunm: did you mean column?
      user_id: {colunm: who}
                ^^^^^^""",
    ),
    (
        "  event_id: {column: id, prefix: p-}\n",
        "",
        """\
map.yaml:2:3: 'event_id' is missing
      user_id: who
      ^""",
    ),
    (
        "{column: euros, unit: major}",
        "{column: euros}",
        """\
map.yaml:5:11: 'unit' is missing: major (12.34) or minor (1234)
      amount: {column: euros}
              ^""",
    ),
    (
        "{column: when, time: iso, zone: UTC}",
        "when",
        """\
map.yaml:4:15: 'time' is missing: how it is written: s, ms, us, iso or a format such as \
'%d/%m/%Y %H:%M'
      event_time: when
                  ^""",
    ),
    (
        "zone: UTC",
        "zone: Europe/Belrin",
        """\
map.yaml:4:47: no zone of the IANA database: did you mean Europe/Berlin?
      event_time: {column: when, time: iso, zone: Europe/Belrin}
                                                  ^^^^^^^^^^^^^""",
    ),
    (
        "time: iso, zone: UTC",
        "time: '%d/%m/%Y'",
        """\
map.yaml:4:36: this has no %z: add 'zone', such as UTC or Europe/Berlin
      event_time: {column: when, time: '%d/%m/%Y'}
                                       ^^^^^^^^^^""",
    ),
    (
        "time: iso, zone: UTC",
        "time: '%d/%q', zone: UTC",
        """\
map.yaml:4:36: 'q' is a bad directive in format '%d/%q'
      event_time: {column: when, time: '%d/%q', zone: UTC}
                                       ^^^^^^^""",
    ),
    (
        "time: iso, zone: UTC",
        "time: ms, zone: UTC",
        """\
map.yaml:4:46: time since the epoch is UTC: it has no zone
      event_time: {column: when, time: ms, zone: UTC}
                                                 ^""",
    ),
    (
        "currency: {constant: EUR}",
        "currency: {constant: EUR, column: c}",
        """\
map.yaml:6:13: 'column' and 'constant' exclude each other: a field is one or the other
      currency: {constant: EUR, column: c}
                ^""",
    ),
    (
        "POS: pos",
        "POS: NO",
        """\
map.yaml:9:40: YAML reads NO as something else: write "NO" for the text
      channel: {column: how, values: {POS: NO, ECOM: web}, other: app}
                                           ^^""",
    ),
    (
        "legitimate: [0]",
        "legitimate: [0, 1]",
        """\
map.yaml:15:62: 1 stands in these lists twice
      verdict: {column: fraud, fraud: [1, yes!], legitimate: [0, 1], unknown: ["?"]}
                                                                 ^""",
    ),
    (
        "after: 7d",
        "after: a week",
        """\
map.yaml:16:21: expected a length such as 12h or 7d
      known_at: {after: a week}
                        ^^^^^^""",
    ),
    (
        "labels:\n",
        "attributes: [ip, extra, extra]\nlabels:\n",
        """\
map.yaml:14:14: ip is a field of a payment: map it there
    attributes: [ip, extra, extra]
                 ^^
map.yaml:14:25: 'extra' stands here twice
    attributes: [ip, extra, extra]
                            ^^^^^""",
    ),
    (
        "payments:\n",
        "file: {format: excel, delimiter: ':', encoding: klingon}\npayments:\n",
        """\
map.yaml:1:16: expected csv, jsonl or parquet
    file: {format: excel, delimiter: ':', encoding: klingon}
                   ^^^^^
map.yaml:1:34: expected ',', ';', '|' or "\\t"
    file: {format: excel, delimiter: ':', encoding: klingon}
                                     ^^^
map.yaml:1:49: no encoding: such as utf-8 or latin-1
    file: {format: excel, delimiter: ':', encoding: klingon}
                                                    ^^^^^^^""",
    ),
]


@pytest.mark.parametrize(("old", "new", "wanted"), GOLDEN)
def test_a_fault_is_shown_where_it_stands(old: str, new: str, wanted: str) -> None:
    assert faults(changed(old, new)) == wanted


def test_a_column_that_the_file_lacks_is_shown_in_the_map() -> None:
    found = read_map(PAYMENTS, "map.yaml")
    with pytest.raises(UserError) as refused:
        found.check_columns(["Id", "id", "who", "When", "euros", "shop", "mcc", "how"])
    assert str(refused.value) == (
        "map.yaml:4:24: the file has no column when: did you mean When?\n"
        "      event_time: {column: when, time: iso, zone: UTC}\n"
        "                           ^"
    )


def test_what_is_no_map_is_told() -> None:
    assert faults("") == "map.yaml:1:1: the file is empty"
    assert faults("payments: [\n").startswith("map.yaml:2:1: not YAML: ")
    assert faults("a: &x 1\npayments: *x\n").startswith("map.yaml:2:11: not YAML: '*' starts")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("file: {empty: [1.0e+308]}\n" + PAYMENTS, "1E+308 is no number"),
        (PAYMENTS.replace("POS: pos", "POS: 1.0e+308"), "1E+308 is no number"),
        (PAYMENTS.replace("other: app", "other: 1.0e+308"), "1E+308 is no number"),
        (PAYMENTS.replace("p-", "1.0e+308"), "1E+308 is no number"),
        (PAYMENTS + LABELS.replace("yes!", "1.0e+308"), "1E+308 is no number"),
        (PAYMENTS.replace("time: iso", 'time: "%d%d"'), "no format of strptime"),
        ("file: {encoding: zlib_codec}\n" + PAYMENTS, "no encoding"),
    ],
)
def test_what_python_alone_would_take_for_right_is_told(text: str, wanted: str) -> None:
    assert wanted in faults(text)
