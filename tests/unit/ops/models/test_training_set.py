"""Training sets as files: the same bytes each time, and refused once they were changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from risk.engine.models.format import Input
from risk.errors import UserError
from risk.ops.models.sets import file, manifest
from risk.ops.models.sets.build import inputs_of
from risk.ops.models.sets.terms import Terms, terms
from risk.ops.models.sets.training_set import load
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from tests.unit.ops.models.sets import DAY, INPUTS, NOON, TERMS, manifest_of, row, written

ROWS = [
    row(1, NOON, verdict="fraud", known_at=NOON + DAY),
    row(
        2,
        NOON + 1,
        verdict="legitimate",
        known_at=NOON + DAY,
        inputs=(2**62 + 1, 0, 1, 0.35, False),
    ),
    row(3, NOON + 2, country="", inputs=(9, 23, 2**63 - 1, 1e15, True)),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "set.parquet", ROWS)


def test_a_set_is_read_as_it_was_written(path: Path) -> None:
    found = load(path)
    assert found.fraud.tolist() == [1, 0, 0]
    assert found.known_at.tolist() == [NOON + DAY, NOON + DAY, -1]
    assert found.event_time.tolist() == [NOON, NOON + 1, NOON + 2]
    assert found.texts["country"].tolist() == ["DE", "DE", ""]
    assert found.manifest.terms == TERMS
    assert found.whole(INPUTS).tolist() == [
        [1_500, 12, 3, 12_500, 1],
        [2**62 + 1, 0, 1, 3_500, 0],  # no fraction in between would have it so
        [9, 23, 2**63 - 1, 2**63 - 1024, 1],
    ]
    assert found.values(INPUTS)[1].tolist() == [float(2**62 + 1), 0.0, 1.0, 0.35, 0.0]
    assert found.where(np.array([False, True, True])).fraud.tolist() == [0, 0]


def test_the_same_rows_are_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = written(tmp_path / "again.parquet", ROWS)
    assert path.read_bytes() == again.read_bytes()
    assert manifest.beside(path).read_bytes() == manifest.beside(again).read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        *("again.json", "again.parquet", "set.json", "set.parquet")
    ]


def test_what_models_may_look_at_under_a_ruleset() -> None:
    ruleset = read_folder(ROOT / "docs" / "examples" / "handbook")
    found = {one.stored: one for one in inputs_of(ruleset)}
    assert found["amount"].column.input == Input(field="amount")
    assert found["feature.user_count_5m"].digest == ""
    declared = next(one for one in ruleset.features if one.name == "terminal_frauds_7d")
    assert found["feature.terminal_frauds_7d"].digest == declared.digest


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def gone(path: Path) -> None:
    path.unlink()


def no_manifest(path: Path) -> None:
    manifest.beside(path).unlink()


def half_a_manifest(path: Path) -> None:
    place = manifest.beside(path)
    place.write_bytes(place.read_bytes()[:100])


def other_manifest(path: Path) -> None:
    manifest.beside(path).write_text('{"format": 2}')


def doctored(path: Path, table: pa.Table) -> None:
    """With a manifest that says its hash."""
    pq.write_table(table, path)
    data = path.read_bytes()
    file.write(path, data, manifest_of(ROWS, data))


def a_label_as_an_input(path: Path) -> None:
    place = manifest.beside(path)
    place.write_text(place.read_text().replace('"field": "hour_utc"', '"field": "known_at"'))


def with_column(name: str, values: list[object]) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        table = pq.read_table(path)
        at = table.column_names.index(name)
        kind = table.schema.field(name).type
        doctored(path, table.set_column(at, name, pa.array(values, kind)))

    return change


def without_a_column(path: Path) -> None:
    doctored(path, pq.read_table(path).drop_columns(["feature.new_device"]))


def of_another_type(path: Path) -> None:
    table = pq.read_table(path)
    at = table.column_names.index("amount")
    doctored(path, table.set_column(at, "amount", pa.array([1.5, 2.5, 3.5])))


def without_a_row(path: Path) -> None:
    doctored(path, pq.read_table(path).slice(1))


def no_parquet(path: Path) -> None:
    data = b"PAR1 and nothing else"
    file.write(path, data, manifest_of(ROWS, data))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (gone, r"set.parquet: no such file: `risk model build-set` writes one"),
        (cut, r"set.parquet: its SHA-256 is not the one in set.json: it was changed"),
        (no_manifest, r"set.json: no such file: the manifest of .*set.parquet has to be beside it"),
        (half_a_manifest, r"set.json: no manifest of a training set: .*: build the set again"),
        (other_manifest, r"set.json: no manifest of a training set: .*format"),
        (no_parquet, r"set.parquet: no Parquet: "),
        (a_label_as_an_input, r"set.json: known_at is nothing that a model may look at"),
        (without_a_column, r"set.parquet: it has no column feature.new_device"),
        (of_another_type, r"set.parquet: amount is double, not int64"),
        (without_a_row, r"set.parquet: it hasn't the rows that its manifest says"),
        (
            with_column("known_at", [TERMS.as_of + 1, NOON, None]),
            r"set.parquet: event e1 of user u-1: known_at .* is from the future: .*was changed",
        ),
        (
            with_column("event_time", [NOON, NOON, TERMS.to]),
            r"set.parquet: event e3 of user u-3: event_time .* is beyond the range",
        ),
        (
            with_column("feature.merchant_mean", [0.0, float("nan"), 0.0]),
            r"feature.merchant_mean: not every value is a number",
        ),
        (with_column("country", ["DE", None, "DE"]), r"country is missing in a row"),
    ],
)
def test_a_set_that_was_changed_is_refused(
    path: Path, change: Callable[[Path], None], message: str
) -> None:
    change(path)
    with pytest.raises(UserError, match=message):
        load(path)


def test_terms_as_options_say_them() -> None:
    midnight = NOON - DAY // 2
    found = terms("2025-03-01", "2025-03-02", "2025-03-31", "7d", NOON + 40 * DAY)
    assert found == Terms(midnight, midnight + 2 * DAY, midnight + 31 * DAY, 7 * DAY)
    now = NOON + 30 * DAY
    found = terms(str(NOON), "2025-03-02T12:00+01:00", None, "36h", now)
    assert found == Terms(NOON, NOON + DAY - 3_600_000, now, 36 * 3_600_000)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("soon", "2025-03-02", None, "7d"), "--from soon: use a time such as"),
        (("2025-03-01", "9" * 20, None, "7d"), "--to 9+: use a time such as"),
        (("2025-03-01", "2025-03-02", "then", "7d"), "--as-of then: use a time such as"),
        (("2025-03-01", "2025-03-02", None, "-7d"), "--mature -7d: use a length of time"),
        (("2025-03-03", "2025-03-02", None, "7d"), "no time is between them"),
        (("2025-03-01", "2025-03-09", "2025-03-08", "0d"), "it is after --as-of 2025-03-08"),
        (("2025-03-01", "2026-03-09", None, "0d"), "it is after now, 2025-03-31"),
        (("2025-03-01", "2025-03-09", "2025-03-31", "0d"), "--as-of 2025-03-31: it is still to"),
        (("2025-03-28", "2025-03-29", None, "7d"), "--mature 7d: no payment from 2025-03-28 on"),
    ],
)
def test_terms_that_cannot_be(said: tuple[str, str, str | None, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        terms(*said, now=NOON + 30 * DAY)
