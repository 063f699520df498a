"""Rows to payments: what scoring accepts, and for all others the row, the column and the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from risk.engine.feedback import decode as decode_feedback
from risk.engine.payment.transaction import decode
from risk.ops.imports.batch import Batch
from risk.ops.imports.labels import Label
from risk.ops.imports.map_file import read_map
from risk.ops.imports.records import Limits, Payment, Rejection, converted
from risk.ops.imports.source import Source
from tests.unit.ops.imports.maps import CSV, LABELS, PAYMENTS

LIMITS = Limits(1_800_000_000_000, 65_536)
FIRST = 1_740_823_200_000  # 2025-03-01 10:00 UTC
WEEK = 7 * 86_400_000


def results(folder: Path, text: str = CSV, map_: str = PAYMENTS + LABELS) -> list[Any]:
    (folder / "p.csv").write_text(text)
    (folder / "map.yaml").write_text(map_)
    source = Source.of(folder / "p.csv", folder / "map.yaml", None)
    return list(source.results(LIMITS))


def rejected(folder: Path, old: str, new: str, map_: str = PAYMENTS + LABELS) -> Rejection:
    """The rejection of the first row, changed like that; the others are as they were."""
    assert old in CSV
    found = results(folder, CSV.replace(old, new, 1), map_)
    assert [type(one) for one in found] == [Rejection, Payment, Payment]
    assert found[0].row == 1
    return found[0]  # type: ignore[no-any-return]


def test_rows_are_payments_with_their_labels(tmp_path: Path) -> None:
    found = results(tmp_path)
    assert [one.row for one in found] == [1, 2, 3]
    assert [one.label for one in found] == [
        Label("legitimate", FIRST + WEEK),
        Label("fraud", FIRST + 5_000 + WEEK),
        None,
    ]
    first, second, third = (decode(one.value, one.user_id.encode()) for one in found)
    assert (first.event_id, first.user_id, first.event_time) == ("p-1", "ann", FIRST)
    assert (first.amount, first.currency, first.merchant_category) == (1234, "EUR", "0742")
    assert (first.channel, first.card_token, first.source) == ("pos", "tok-ann", "import")
    assert (second.merchant_id, second.merchant_category, second.amount) == ("nowhere", "5999", 500)
    assert (third.channel, third.amount) == ("app", 99)


@pytest.mark.parametrize(
    ("old", "new", "column", "reason", "message"),
    [
        ("12.34", "12.345", "euros", "unreadable", "amount: 12.345 has more than 2 decimals"),
        ("12.34", "", "euros", "unreadable", "amount: empty: the map may give it a 'default'"),
        ("ann", " ", "who", "unreadable", "user_id: empty: the map may give it a 'default'"),
        ("2025-03-01T10:00:00", "soon", "when", "unreadable", "event_time: 'soon': no time in"),
        ("2025-03-01T10", "2055-03-01T10", "when", "future", "event_time: 2055-03-01 10:00:00 UTC"),
        (",0,x", ",maybe,x", "fraud", "unreadable", "verdict: 'maybe' is not among the map's"),
        ("12.34", "-12.34", "euros", "invalid_field", "amount: Expected `int` >= 0"),
        ("1,ann", "x" * 127 + ",ann", "id", "invalid_field", "event_id: Expected `str` of length"),
        (",x\n", "\n", "", "unreadable", "8 fields, where the header has 9"),
    ],
)
def test_what_is_no_payment_is_told(
    tmp_path: Path, old: str, new: str, column: str, reason: str, message: str
) -> None:
    found = rejected(tmp_path, old, new)
    assert (found.column, found.reason) == (column, reason)
    assert found.message.startswith(message)


def test_a_card_number_is_rejected_and_shown_nowhere(tmp_path: Path) -> None:
    number = "4111111111111111"
    found = rejected(tmp_path, ",ann,", f",{number},")
    assert found.values["who"] == "************1111"
    also = rejected(tmp_path, "12.34", f"pay {number}")
    for one in (found, also):
        assert number not in repr(one)


def test_a_record_that_is_too_large_is_rejected(tmp_path: Path) -> None:
    map_ = PAYMENTS + "attributes: [extra]\n"
    map_file = read_map(map_, "map.yaml")
    row = {"id": "1", "who": "ann", "when": "2025-03-01T10:00:00", "euros": "1", "how": "POS"}
    batch = Batch(1, 1, {name: [cell] for name, cell in (row | {"extra": "y" * 99}).items()}, {})
    (found,) = converted(map_file, Limits(LIMITS.latest, 64), batch)
    assert isinstance(found, Rejection)


def test_known_at_is_a_column_or_so_long_after(tmp_path: Path) -> None:
    known = "known_at: {column: extra, time: iso, zone: UTC, after: 1d}"
    map_ = PAYMENTS + LABELS.replace("known_at: {after: 7d}", known)
    text = CSV.replace(",0,x", ",0,2025-03-02T00:00:00").replace(",?,z", ",?,")
    found = results(tmp_path, text, map_)
    assert found[0].label.known_at == FIRST + 14 * 3_600_000
    assert found[1].label.known_at == FIRST + 5_000 + 86_400_000
    early = results(tmp_path, text.replace(",0,2025-03-02", ",0,2025-02-28"), map_)[0]
    assert early.message.startswith("known_at: 2025-02-28 00:00:00 UTC is before the payment")


def test_a_label_without_its_time_is_told(tmp_path: Path) -> None:
    known = "known_at: {column: extra, time: iso, zone: UTC}"
    map_ = PAYMENTS + LABELS.replace("known_at: {after: 7d}", known)
    found = results(tmp_path, CSV.replace(",0,x", ",0,2025-03-02"), map_)
    assert found[1].message.startswith("known_at: empty: 'after: 7d' beside its column")


def test_labels_are_feedback_with_the_words_of_the_map(tmp_path: Path) -> None:
    map_ = PAYMENTS + LABELS + "  by: {constant: old-system}\n  note: extra\n"
    found = results(tmp_path, CSV.replace(",0,x", ",0,card 4111 1111 1111 1111"), map_)
    said = [decode_feedback(raw, one.user_id.encode()) for one in found if (raw := one.feedback())]
    assert [(one.payment, one.verdict, one.source, one.known_at, one.by) for one in said] == [
        (("p-1", "ann", FIRST), "legitimate", "import", FIRST + WEEK, "old-system"),
        (("p-2", "bob", FIRST + 5_000), "fraud", "import", FIRST + 5_000 + WEEK, "old-system"),
    ]
    assert [one.note for one in said] == ["card **** **** **** 1111", ""]
    wrong = results(tmp_path, CSV.replace(",0,x", f",0,{'x' * 1_001}"), map_)[0]
    assert wrong.reason == "invalid_label"
    assert wrong.message.startswith("note: Expected `str` of length <= 1000")
    assert [one.label.by for one in results(tmp_path) if one.label] == ["import", "import"]


def test_currencies_of_a_column_have_their_own_decimals(tmp_path: Path) -> None:
    map_ = PAYMENTS.replace("{constant: EUR}", "{column: extra}")
    text = CSV.replace(",0,x", ",0,EUR").replace(",1,\n", ",1,JPY\n").replace(",?,z", ",?,KWD")
    found = results(tmp_path, text, map_)
    assert [msgspec.json.decode(one.value)["amount"] for one in found] == [1234, 5, 990]


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "1e309"])
def test_a_short_number_that_written_out_fills_the_memory_is_refused(
    tmp_path: Path, number: str
) -> None:
    path = tmp_path / "x.jsonl"
    row = {"id": 1, "who": "a", "when": "2025-03-01T10:00:00", "euros": 1, "shop": "s"}
    path.write_text(msgspec.json.encode(row | {"how": "POS"}).decode()[:-1] + f',"x":{number}}}')
    for attribute in ("attributes: [x]", "attributes: {x: {column: x, type: text}}"):
        map_ = read_map(PAYMENTS + attribute, "map")
        (found,) = Source(path, map_, "", None).results(LIMITS)
        assert isinstance(found, Rejection)
        assert found.message.endswith("is no number that a payment can have")


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_a_time_of_forty_digits_is_no_time(tmp_path: Path, unit: str) -> None:
    map_ = PAYMENTS.replace("time: iso, zone: UTC", f"time: {unit}")
    for number in ("1e40", "-1e40"):
        text = "\n".join((CSV.splitlines()[0], f"1,ann,{number},5,s,742,POS,0,x"))
        (found,) = results(tmp_path, text, map_)
        assert isinstance(found, Rejection)
        assert found.message.startswith("event_time: ")
