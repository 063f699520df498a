"""Verdicts as people give them: which rows are messages, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.cli.main import main
from risk.config.settings import Settings
from risk.engine.feedback import SOURCES, VERDICTS, build, decode, encode
from risk.errors import UserError
from risk.ops.feedback import label
from risk.ops.feedback.label import Labels, labels
from risk.ops.feedback.table import COLUMNS, Fault, Row, read, when

NOW = 1_760_000_000_000
NOON = 1_740_830_400_000  # 2025-03-01T12:00:00Z
USUAL = {"source": "chargeback", "verdict": "fraud", "by": "bank"}
CARD = "4111111111111111"
KNOWN = [
    ("e1", "u1", NOON),
    ("e2", "u1", NOON),
    ("e2", "u2", NOON),
    ("e3", "u3", 5),
    ("e3", "u3", 6),
]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Postgres would know of."""

    def payments(_: Settings, event_ids: Sequence[str]) -> list[tuple[str, str, int]]:
        return [one for one in KNOWN if one[0] in event_ids]

    monkeypatch.setattr(label, "payments", payments)


def of(text: str) -> Labels:
    rows = read(text.splitlines(keepends=True), "f.csv")
    return labels(Settings(), rows, USUAL, NOW)


def faults(text: str) -> list[str]:
    found = of(text)
    assert not found.messages
    return [str(fault) for fault in found.faults]


WHOLE = "event_id,user_id,event_time,known_at\n"


def test_a_row_is_a_message() -> None:
    text = (
        "user_id,event_id,event_time,known_at,verdict,source,by,note\n"
        'u1,e1,2025-03-01T12:00,2025-03-31,legitimate,analyst,ana,"it was, after all, her"\n'
        "u1,e2,1740830400000,1740830400001,,,,\n"
    )
    assert of(text) == Labels(
        [
            build(
                ("e1", "u1", NOON), "legitimate", "analyst", NOON + 30 * 86_400_000 - 43_200_000,
                "ana", "it was, after all, her",
            ),
            build(("e2", "u1", NOON), "fraud", "chargeback", NOON + 1, "bank"),
        ],
        [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",u1,5,6", "row 2, column event_id: there is no value here"),
        ("e1,u1,5,", "row 2, column known_at: there is no value here"),
        ("e1,u1,2025-03-01,soon", "row 2, column known_at: 'soon': write it as 2025-03-01T12:00"),
        ("e1,u1,x,2025-03-01", "row 2, column event_time: 'x': write it as"),
        ("e1,u1,-5,2025-03-01", "row 2, column event_time: '-5': write it as"),
        ("e1,u1,2025-03-01,2999-01-01", "row 2, column known_at: '2999-01-01' is still to come"),
        ("e1,u1,2025-03-01", "row 2: 3 values, but the header has 4 columns"),
        ("e1,u1,2025-03-01,2025-03-02,x", "row 2: 5 values, but the header has 4 columns"),
        (f"{CARD},u1,2025-03-01,2025-03-02", "row 2, column event_id: has a card number in it"),
        ("e\u00a01,u1,2025-03-01,2025-03-02", "row 2, column event_id: has the character U+00A0"),
        (f"e1,u1,2025-03-01,{CARD}", "row 2, column known_at: '************1111'"),
    ],
)
def test_a_bad_row_is_named_with_its_column(row: str, words: str) -> None:
    (found,) = faults(f"{WHOLE}{row}\n")
    assert found.startswith(words)
    assert CARD not in found


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("verdict", "fraut", "column verdict: 'fraut': did you mean fraud?"),
        ("verdict", "x", "column verdict: 'x': there are fraud, legitimate"),
        ("source", "bank", "column source: 'bank': there are import, analyst, chargeback"),
    ],
)
def test_what_a_row_may_say_is_listed(column: str, value: str, words: str) -> None:
    head = WHOLE.strip() + f",{column}\n"
    (found,) = faults(f"{head}e1,u1,2025-03-01,2025-03-02,{value}\n")
    assert words in found.replace('"', "'")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "f.csv:1: the column event_id is missing"),
        ("event_id,known_at\n", "f.csv:1: the column user_id is missing"),
        ("event_id;user_id\n", "f.csv:1: the columns are not separated by commas"),
        ("event_id,user_id,user_id\n", "f.csv:1: user_id stands twice"),
        ("event_id,user_id,knwon_at\n", "f.csv:1: no column is called 'knwon_at'"),
        ('event_id,user_id\n"a"b,c\n', "f.csv:2: not CSV: "),
    ],
)
def test_a_wrong_header_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserError) as refused:
        of(text)
    assert str(refused.value).startswith(words)


def test_a_header_is_enough_and_empty_lines_say_nothing() -> None:
    assert of("event_id,user_id\n\n\n") == Labels([], [])


def test_a_payment_is_found_by_its_ids() -> None:
    found = of("event_id,user_id,known_at\ne1,u1,2025-03-02\ne2,u2,2025-03-02\n")
    assert [one.payment for one in found.messages] == [KNOWN[0], KNOWN[2]]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"event_id": "e9"}, "no payment 'e9' is known: give its user_id and event_time"),
        (
            {"event_id": "e1", "user_id": "u2"},
            "no payment 'e1' of user 'u2' is known: give its event_time, and the verdict waits",
        ),
        (
            {"event_id": "e2"},
            "2 payments are called 'e2', of 'u1' at 2025-03-01 12:00:00.000, of 'u2' at 2025-03",
        ),
        ({"event_id": "e3", "user_id": "u3"}, "2 payments are called 'e3', of 'u3' at 1970-"),
    ],
)
def test_what_names_no_payment_or_several_is_told(said: dict[str, str], words: str) -> None:
    found = labels(Settings(), [Row(4, said)], USUAL | {"known_at": "2025-03-02"}, NOW)
    (fault,) = found.faults
    assert fault.line == 4
    assert fault.message.startswith(words)


def test_the_good_rows_are_there_beside_the_bad() -> None:
    good = "e1,u1,2025-03-01,2025-03-02\n"
    found = of(f"{WHOLE}{good}e1\n{good}e1,,,\n")
    assert len(found.messages) == 2
    assert [fault.line for fault in found.faults] == [3, 5]


def test_a_file_read_twice_says_the_same() -> None:
    text = f"{WHOLE}e1,u1,2025-03-01,2025-03-02\n"
    (one,), (other,) = of(text).messages, of(text).messages
    assert one.key == other.key


@pytest.mark.parametrize(
    ("text", "ms"),
    [("1740830400000", NOON), ("2025-03-01T12:00", NOON), ("2025-03-01T13:00+01:00", NOON)],
)
def test_a_moment_is_iso_or_ms(text: str, ms: int) -> None:
    assert when(text) == ms


cells = st.one_of(
    st.sampled_from(("e1", "2025-03-01", "fraud", "analyst", "1740830400000", CARD, "")),
    st.text(st.characters(exclude_characters='",\n\r\0'), max_size=8),
)


@given(st.lists(st.lists(cells, min_size=1, max_size=9), max_size=4))
def test_any_file_gives_messages_or_faults(grid: list[list[str]]) -> None:
    """Whatever it holds, each row is one or the other, and what is sent is read again."""
    header = ",".join(COLUMNS)
    text = "\n".join([header, *(",".join(row) for row in grid)])
    rows = list(read(text.split("\n"), "f.csv"))
    told = [
        row for row in rows if isinstance(row, Fault) or {"user_id", "event_time"} <= {*row.said}
    ]
    found = labels(Settings(), told, USUAL, NOW)
    assert len(found.messages) + len(found.faults) == len(told)
    for one in found.messages:
        assert one.verdict in VERDICTS
        assert one.source in SOURCES
        assert decode(encode(one), one.user_id.encode()) == one


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], "say of which payment what became: risk label EVENT fraud|legitimate"),
        (["e1"], "say of which payment"),
        (["e1", "fraud", "--from", "f.csv"], "--from: the file says which payments"),
        (["--waiting", "e1"], "--waiting sends nothing"),
        (["--from", "f.csv", "--user", "u1"], "--user is for one payment"),
        (["e1", "fraud", "--skip-bad"], "--skip-bad is for a file"),
        (["e1", "fraud", "--limit", "5"], "--limit is for --waiting"),
        (["--from", "/nowhere/f.csv"], "/nowhere/f.csv: No such file"),
        (["e1", "fraud", "--user", "u1", "--time", "soon"], "--time: 'soon': write it as"),
        (["e1", "fraud", "--user", "u1", "--time", "2025-03-01", "--known-at", "x"], "--known-at"),
        (
            ["e1", "fraud", "--user", "u1", "--time", "2025-03-01", "--by", " a"],
            "--by: has a blank",
        ),
        (
            ["e1", "fraud", "--user", "u1", "--time", "2025-03-01", "--known-at", "2999-01-01"],
            "--known-at: '2999-01-01' is still to come",
        ),
        (["", "fraud", "--user", "u1", "--time", "2025-03-01"], "say of which payment"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    words: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["label", *words]) == 2
    found: Any = capsys.readouterr().err
    assert found.startswith(f"risk: {error}")
    assert found.count("\n") == 1


def test_a_file_without_its_times_is_refused(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "f.csv"
    file.write_text("event_id,user_id,event_time\ne1,u1,2025-03-01\n")
    assert main(["label", "--from", str(file)]) == 2
    assert "row 2 doesn't say since when it is known: give a column" in capsys.readouterr().err
