"""Feedback: what is read is what the schema says, and which verdict of a payment counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import FormatChecker

from risk.engine.feedback import (
    MAX_NOTE,
    SOURCES,
    VERDICTS,
    Feedback,
    Logged,
    build,
    current_verdict,
    decode,
    encode,
    said_once,
)
from tests.unit.engine.test_schemas import (
    EXACT,
    ODD,
    SCHEMAS,
    identifiers,
    ints,
    invalid,
    mostly,
    numerals,
    plain_ids,
    read,
    spelt,
)

PAYMENT = ("e1", "u1", 1_700_000_000_000)
VALIDATOR = type(EXACT)(SCHEMAS["feedback"], format_checker=FormatChecker())
CARD = "4111 1111 1111 1111"

times = mostly(st.integers(0, 253_402_300_799_999), ints | numerals)
notes = st.one_of(
    st.text(max_size=20),
    st.lists(ODD | st.characters(), max_size=8).map("".join),
    st.integers(MAX_NOTE - 1, MAX_NOTE + 1).map(lambda size: "n" * size),
    st.none(),
)
sent = st.fixed_dictionaries(
    {
        "schema_version": mostly(st.just(1), st.sampled_from((2, "1", True, None)) | numerals),
        "event_id": mostly(plain_ids, identifiers),
        "user_id": mostly(plain_ids, identifiers),
        "event_time": times,
        "verdict": mostly(st.sampled_from(VERDICTS), identifiers),
        "source": mostly(st.sampled_from(SOURCES), identifiers),
        "known_at": times,
        "by": mostly(plain_ids, identifiers),
    },
    optional={"note": notes, "colour": mostly(st.nothing(), st.just("red"))},
)


def said(
    verdict: str = "fraud", source: str = "analyst", known_at: int = 5, by: str = "ana"
) -> Any:
    return build(PAYMENT, verdict, source, known_at, by)


def logged(feedback: Feedback, offset: int, append_time: int | None = None) -> Logged:
    return Logged(feedback, offset if append_time is None else append_time, 0, offset)


def taken(value: bytes, key: bytes) -> Feedback | ValueError:
    try:
        return decode(value, key)
    except ValueError as error:
        return error


def has_no_words_for(error: str) -> bool:
    """What JSON Schema can't say."""
    told = (": not in Unicode's composed form", ": has a card number in it", ": stands twice")
    return any(part in error for part in told)


@settings(max_examples=500, deadline=None)
@given(sent, st.booleans())
def test_what_is_accepted_is_valid_and_what_is_valid_is_accepted(
    fields: dict[str, Any], ascii_only: bool
) -> None:
    value = spelt(fields, ascii_only)
    valid = not any(True for _ in VALIDATOR.iter_errors(read(value)))
    user = fields["user_id"].encode("utf-8", "surrogatepass")
    found = taken(value.encode("utf-8", "surrogatepass"), user)
    if isinstance(found, ValueError):
        assert not valid or has_no_words_for(str(found)), found
        return
    assert valid
    assert invalid("feedback", encode(found)) == []
    assert decode(encode(found), user) == found


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("verdict", VERDICTS)
def test_what_is_built_is_what_is_read(verdict: str, source: str) -> None:
    one = build(PAYMENT, verdict, source, 7, "ana", "called the customer")
    assert decode(encode(one), b"u1") == one
    assert one.payment == PAYMENT


GOOD: dict[str, Any] = json.loads(encode(said()))
WRONG: dict[str, Any] = {
    "schema_version": 2,
    "event_id": "",
    "user_id": "u" * 129,
    "event_time": -1,
    "verdict": "maybe",
    "source": "rumour",
    "known_at": 1.5,
    "by": " ana",
    "note": "n" * (MAX_NOTE + 1),
    "colour": "red",
}


@pytest.mark.parametrize("field", WRONG)
def test_what_is_wrong_is_refused_with_its_field(field: str) -> None:
    fields = GOOD | {field: WRONG[field]}
    with pytest.raises(ValueError, match=field):
        decode(json.dumps(fields).encode(), b"u1")
    assert invalid("feedback", json.dumps(fields))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "Expected `object`"),
        (encode(said())[:-1] + b',"by":"bob"}', "by: stands twice"),
        (json.dumps(GOOD | {"note": "a\0b"}).encode(), "note: has the character U\\+0000"),
    ],
)
def test_what_is_no_message_says_so(value: bytes | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decode(value, b"u1")


@pytest.mark.parametrize("key", [None, b"", b"u2"])
def test_the_key_is_the_user(key: bytes | None) -> None:
    with pytest.raises(ValueError, match="key"):
        decode(encode(said()), key)


def test_a_card_number_in_the_note_is_masked_whoever_sends_it() -> None:
    masked = build(PAYMENT, "fraud", "analyst", 5, "ana", f"card {CARD}, stolen")
    assert "4111 1111" not in masked.note
    sent_in_clear = json.dumps(GOOD | {"note": f"card {CARD}, stolen"}).encode()
    assert decode(sent_in_clear, b"u1") == masked


@pytest.mark.parametrize("field", ["event_id", "user_id", "by"])
def test_a_card_number_is_no_id(field: str) -> None:
    fields = GOOD | {field: CARD}
    with pytest.raises(ValueError, match=f"{field}: has a card number"):
        decode(json.dumps(fields).encode(), fields["user_id"].encode())


def test_nothing_said_is_no_verdict() -> None:
    assert current_verdict([]) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (said(source="import", known_at=9), said("legitimate", "analyst", 5)),
        (said(source="analyst", known_at=9), said("legitimate", "chargeback", 5)),
        (said(known_at=5), said("legitimate", known_at=6)),
        (said(), said("legitimate")),
    ],
    ids=["an analyst over an import", "a chargeback over an analyst", "later known", "later sent"],
)
def test_the_latest_of_the_highest_source_counts(first: Feedback, second: Feedback) -> None:
    one, other = logged(first, 1), logged(second, 2)
    assert current_verdict([one, other]) == current_verdict([other, one]) == other


def test_what_is_sent_again_does_not_undo_its_correction() -> None:
    wrong, right = said(), said("legitimate")
    found = current_verdict([logged(wrong, 1), logged(right, 2), logged(wrong, 3)])
    assert found == logged(right, 2)


def test_the_order_of_the_log_outlives_more_partitions() -> None:
    """A user whose partition changed: offsets begin anew, the broker's time goes on."""
    before = Logged(said(), 100, 7, 5_000)
    after = Logged(said("legitimate"), 200, 1, 0)
    assert current_verdict([after, before]) == after


def test_each_field_is_part_of_what_is_said() -> None:
    every = [
        said(),
        said("legitimate"),
        said(source="import"),
        said(known_at=6),
        said(by="bob"),
        build(PAYMENT, "fraud", "analyst", 5, "ana", "note"),
        build(("e2", *PAYMENT[1:]), "fraud", "analyst", 5, "ana"),
        build(("e1", "u2", PAYMENT[2]), "fraud", "analyst", 5, "ana"),
        build((*PAYMENT[:2], 0), "fraud", "analyst", 5, "ana"),
    ]
    assert len({one.key for one in every}) == len(every)
    assert all(len(one.key) == 32 for one in every)


histories = st.lists(
    st.builds(
        said,
        st.sampled_from(VERDICTS),
        st.sampled_from(SOURCES),
        st.integers(0, 2),
        st.sampled_from(("ana", "bob")),
    ),
    max_size=8,
)


@given(histories, st.randoms())
def test_the_order_in_which_it_is_read_changes_nothing(
    history: list[Feedback], random: Any
) -> None:
    told = [logged(one, offset) for offset, one in enumerate(history)]
    mixed = told + random.choices(told, k=3) if told else []
    random.shuffle(mixed)
    assert said_once(mixed) == said_once(told)
    assert current_verdict(mixed) == current_verdict(told)
