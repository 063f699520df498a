"""What logs and the texts of errors may quote of a payment."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.config.privacy import Privacy
from risk.engine.feedback import Logged, build
from risk.engine.quoted import MARK, event_of, told, values, values_of_record, without
from tests.contract.messages import score

HIDDEN = Privacy()
RECORD = b"""{"event_id": "e1", "user_id": "u1", "ip": "203.0.113.7", "device_id": "phone-1",
  "card_token": "tok_4", "lat": 48.137, "lon": 11.575, "amount": 5, "phone": "unknown"}"""


def test_a_record_quotes_whom_it_is_of() -> None:
    found = values_of_record(b"u1", RECORD)
    assert found == {"u1", "203.0.113.7", "phone-1", "tok_4", "48.137", "11.575"}
    assert values_of_record(b"u1", b"\xff{") == {"u1"}
    assert values_of_record(None, None) == frozenset()
    assert values_of_record(b"u1", b"[" * 10_000) == {"u1"}


def test_a_score_quotes_its_payment_too() -> None:
    one = score("e1", user_id="u1")
    assert {"u1", one.transaction.ip, one.transaction.device_id} <= values(one)
    assert values(msgspec.to_builtins(one)) == values(one)


def test_attributes_are_quoted_and_small_numbers_are_not() -> None:
    said = {"user_id": "u1", "attributes": {"phone": "unknown", "born": 19_991_231, "legs": 2}}
    assert values(said) == {"u1", "unknown", "19991231"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Key (user_id)=(u1) already exists", f"Key (user_id)=({MARK}) already exists"),
        ("u1: u12 isn't u1", f"{MARK}: u12 isn't {MARK}"),
        ("KeyError: '203.0.113.7'", f"KeyError: '{MARK}'"),
        ("nothing of anybody", "nothing of anybody"),
    ],
)
def test_a_text_is_told_without_them(text: str, shown: str) -> None:
    assert without(text, values_of_record(b"u1", RECORD), HIDDEN) == shown


@given(st.text("ab'\\\n ", max_size=12), st.frozensets(st.text("ab'\\\n", max_size=4)))
def test_what_a_text_does_not_hold_changes_nothing(text: str, quoted: frozenset[str]) -> None:
    """Only what it holds is looked for, and the answer is that of looking for all."""
    ways = {way for one in quoted if one for way in (one, repr(one)[1:-1])}
    pattern = "|".join(map(re.escape, sorted(ways, key=len, reverse=True)))
    every = re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", MARK, text) if ways else text
    assert without(text, quoted, HIDDEN) == every


def test_a_pattern_is_not_larger_than_what_is_in_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of a megabyte took seconds: as a pattern, which was compiled for each dead letter."""
    patterns: list[str] = []

    def noted(pattern: str, *rest: Any) -> str:
        patterns.append(pattern)
        return re.sub(pattern, *rest)

    monkeypatch.setattr("risk.engine.quoted.re", SimpleNamespace(escape=re.escape, sub=noted))
    many = msgspec.json.encode({"attributes": {f"k{n}": f"v{n:04}" for n in range(4_000)}})
    found = values_of_record(b"\0" * 1_000_000, many)
    assert without("the value is v0007", found, HIDDEN) == f"the value is {MARK}"
    assert [len(pattern) < 100 for pattern in patterns] == [True]


def test_a_verdict_quotes_whom_it_is_of_and_its_note() -> None:
    said = build(("e1", "u1", 3), "fraud", "analyst", 5, "ana", "called Jane")
    assert values(Logged(said, 7, 0, 0)) == {"u1", "called Jane"}


def test_what_no_ruleset_declares_is_quoted_too() -> None:
    said = {"transaction": {"undeclared": {"phone": "unknown"}}}
    assert values(said) == {"unknown"}


def test_the_policy_says_how() -> None:
    text, quoted = "no such user: u1", ["u1"]
    assert without(text, quoted, Privacy(logs="clear")) == text
    hashed = without(text, quoted, Privacy(logs="hash", salt="pepper"))
    assert hashed != without(text, quoted, Privacy(logs="hash", salt="salt"))
    assert hashed == f"no such user: {told('u1', 'hash', Privacy(salt='pepper'))}"
    assert told("u1", "clear", HIDDEN) == "u1"


@given(st.text(min_size=1), st.text(), st.text())
def test_a_value_that_stands_alone_is_never_left(value: str, before: str, after: str) -> None:
    text = f"{before} {value} {after}"
    shown = without(text, [value], HIDDEN)
    assert f" {value} " not in shown or value in MARK or not value.strip()


def test_the_event_of_a_record() -> None:
    assert event_of(RECORD) == "e1"
    assert [event_of(raw) for raw in (None, b"", b"{", b"[]", b'{"event_id": 1}')] == [None] * 5
