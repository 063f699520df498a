"""`risk dlq`: what a record of risk.dlq is, which are chosen, and how bytes are shown."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.cli.dead_letters import dump
from risk.cli.dlq import choice
from risk.cli.main import parser
from risk.errors import UserError
from risk.ops.dead_letters.letter import CONNECT, Position, letter, note, resent
from risk.ops.dead_letters.survey import Choice, survey

HOUR = 3_600_000
NOW = 1_740_830_400_000  # 2025-03-01T12:00
Headers = list[tuple[str, bytes | None]]


@dataclass
class Record:
    """A record as Kafka's client gives it."""

    told: Headers | None = None
    at: tuple[int, int] = (0, 0)
    time: int = NOW
    raw: bytes | None = field(default=b"{}")

    def topic(self) -> str:
        return "risk.dlq"

    def partition(self) -> int:
        return self.at[0]

    def offset(self) -> int:
        return self.at[1]

    def timestamp(self) -> tuple[int, int]:
        return 1, self.time

    def headers(self) -> Headers | None:
        return self.told

    def key(self) -> bytes | None:
        return None

    def value(self) -> bytes | None:
        return self.raw


def told(source: Position, reason: str = "not_json", stage: str = "decode") -> Headers:
    fields = {**source._asdict(), "stage": stage, "exception.class.name": reason}
    return [(CONNECT + name, str(value).encode()) for name, value in fields.items()]


SOURCE = Position("risk.transactions", 3, 41)


@given(
    st.none()
    | st.lists(
        st.tuples(
            st.sampled_from([CONNECT + n for n in ("topic", "partition", "offset")])
            | st.sampled_from(["risk.resent.topic", "risk.value.size", "x"]),
            st.none() | st.binary(max_size=24) | st.sampled_from([b"7", "\u0663".encode()]),
        )
    )
)
def test_any_record_is_a_letter_or_a_note(headers: Headers | None) -> None:
    record = Record(headers)
    found = letter(record)
    assert found is None or (found.position, found.size) == (Position("risk.dlq", 0, 0), 2)
    assert survey([record], Choice(), 5).letters == (found is not None)


def test_whose_bytes_are_not_as_they_came() -> None:
    def whole(*more: tuple[str, bytes], raw: bytes = b"{}") -> bool:
        found = letter(Record([*told(SOURCE), *more], raw=raw))
        assert found is not None
        assert found.source == SOURCE
        return found.whole

    assert whole()
    assert not whole(("risk.value.size", b"70000"))
    assert not whole(("risk.key.size", b"70000"))
    assert not whole(raw=b"card ************1111")


def test_a_note_names_what_was_sent_again() -> None:
    record = Record([*note(SOURCE)], raw=None)
    assert (resent(record), letter(record)) == (SOURCE, None)
    assert resent(Record(told(SOURCE))) is None


def test_each_record_counts_once_a_reason_and_stage() -> None:
    other = Position("risk.scores", 0, 1)
    records = [
        Record(told(SOURCE), (0, 0), NOW),
        Record(told(SOURCE), (1, 0), NOW + 1),  # a restart has written it twice
        Record(told(other, "refused", "deliver.redis"), (0, 1), NOW + 2),
        Record(told(other, "refused", "deliver.postgres"), (0, 2), NOW + 3),
        Record([*note(other)], (0, 3), NOW + 4, None),
        Record(None, (0, 4), NOW + 5),
    ]
    found = survey(records, Choice(), 2)
    assert found.letters == 4
    assert {(g.reason, g.stage, g.letters, g.resent) for g in found.groups} == {
        ("not_json", "decode", 1, 0),
        ("refused", "deliver.redis", 1, 1),
        ("refused", "deliver.postgres", 1, 1),
        ("unknown", "unknown", 1, 0),
    }
    assert [one.time - NOW for one in found.newest] == [5, 3]
    some = Choice(stages=frozenset({"deliver"}), since=NOW + 3)
    assert [g.stage for g in survey(records, some, 0).groups] == ["deliver.postgres"]
    assert survey(records, Choice(frozenset({"refused"}), until=NOW + 3), 0).letters == 1


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", Choice()),
        ("--since 1h", Choice(since=NOW - HOUR)),
        (
            "--reason a --reason b --stage deliver --since 2025-03-01 --until 2025-03-01",
            Choice(frozenset("ab"), frozenset({"deliver"}), NOW - 12 * HOUR, NOW + 12 * HOUR),
        ),
    ],
)
def test_options_choose(options: str, expected: Choice) -> None:
    assert choice(parser(["dlq"]).parse_args(["dlq", "list", *options.split()]), NOW) == expected


def test_without_an_action_all_are_listed() -> None:
    plain, listed = (parser(["dlq"]).parse_args(argv) for argv in (["dlq"], ["dlq", "list"]))
    assert plain == listed


@pytest.mark.parametrize(
    ("since", "until", "wrong"),
    [
        ("yesterday", None, r"--since yesterday: use how long ago, such as 24h"),
        ("1h", "2h", "--since is not before --until"),
    ],
)
def test_a_time_that_is_none(since: str, until: str | None, wrong: str) -> None:
    with pytest.raises(UserError, match=wrong):
        choice(argparse.Namespace(since=since, until=until, reason=None, stage=None), NOW)


@given(st.binary(max_size=200), st.integers(1, 64))
def test_bytes_are_shown_in_printable_lines(raw: bytes, most: int) -> None:
    shown = list(dump.lines(raw, most))
    assert all(c.isprintable() or c == "\t" for line in shown for c in line)
    assert (shown[-1:] == [f"… {len(raw) - most:,} bytes more"]) == (len(raw) > most)
    if not dump.is_text(raw):
        rows = "".join(line[10:58] for line in shown if not line.startswith("…"))
        assert bytes.fromhex(rows) == raw[:most]


def test_text_is_shown_as_it_is() -> None:
    assert list(dump.lines('{"a": "Zoë"}\n'.encode(), 100)) == ['{"a": "Zoë"}', ""]
    assert list(dump.lines("Zoë".encode(), 3)) == ["Zo", "… 1 bytes more"]
    assert next(dump.lines(b"a\x1b[2J", 100)).endswith(" a.[2J")
