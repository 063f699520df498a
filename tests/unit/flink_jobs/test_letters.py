"""Lines of records and dead letters: whatever is in a record, its letter fits into Kafka."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flink_jobs.letters import HEADERS, MOST_TEXT, clean, dead_letter, record
from flink_jobs.lines import FIELD, LEFT_OUT, NULL, RECORD, THEIRS, raws, sourced
from risk.engine.stages.base import Fault, LeftOut, Raw

MOST = 100_000  # bytes of a record that the broker takes, in these tests
FRAME = 100  # bytes of the record's frame around key, value and headers, and a few for each header

sizes = st.none() | st.integers(0, 3 * MOST) | st.integers(MOST - 20_000, MOST)


def told(line: str) -> tuple[dict[str, bytes], bytes | None, bytes | None]:
    """What SQL makes of a letter's line: headers, key and value."""
    *headers, key, value = line.split(FIELD)
    named = dict(zip(HEADERS, headers, strict=True))
    as_bytes = [None if text == NULL else text.encode("latin-1") for text in (key, value)]
    return {k: v.encode() for k, v in named.items() if v != NULL}, as_bytes[0], as_bytes[1]


@given(sizes, sizes, st.integers(0, 4 * MOST_TEXT), st.sampled_from("x😀\u0100\u0102"))
@example(0, 3 * MOST, 0, "x")
@example(3 * MOST, 3 * MOST, MOST, "😀")
@example(None, MOST, MOST, "😀")
def test_a_letter_fits(key: int | None, value: int | None, text: int, letter: str) -> None:
    """Of any key, value and message; what it lacks it tells by size and SHA-256."""
    raw = Raw(3, 7, 0, None if key is None else bytes(key), None if value is None else bytes(value))
    line = dead_letter("risk.transactions", raw, "decode", "not_json", letter * text, MOST)
    assert RECORD not in line
    headers, got_key, got_value = told(line)
    assert record(line) == (got_key, got_value, list(headers.items()))
    size = sum(len(k) + len(v) + 10 for k, v in headers.items())
    assert size + len(got_key or b"") + len(got_value or b"") + FRAME < MOST
    for name, sent, got in (("key", raw.key, got_key), ("value", raw.value, got_value)):
        if got is None and sent is not None:
            assert headers[f"risk.{name}.size"] == str(len(sent)).encode()
            assert headers[f"risk.{name}.sha256"] == hashlib.sha256(sent).hexdigest().encode()
        else:
            assert got == sent
            assert f"risk.{name}.size" not in headers
    if (key or 0) + (value or 0) < MOST - 20_000:  # nothing is left out that would have fitted
        assert (got_key, got_value) == (raw.key, raw.value)


@given(st.text(max_size=2 * MOST_TEXT))
def test_text_is_bounded_and_holds_no_separator(text: str) -> None:
    found = clean(text)
    assert len(found) == min(len(text), MOST_TEXT)
    assert not set(found) & {RECORD, FIELD, NULL, LEFT_OUT, THEIRS}
    assert (found[-1:] == "…") >= (len(text) > MOST_TEXT)


@pytest.mark.parametrize("which", ["key", "value", "both"])
def test_what_the_jvm_left_out_is_told(which: str) -> None:
    left = LEFT_OUT + "2097000:" + "ab" * 32
    key = left if which != "value" else "u1"
    value = left if which != "key" else "{}"
    good = FIELD.join(("0", "1", "5", "u1", "{}"))
    batch = RECORD.join((good, FIELD.join(("3", "9", "5", key, value)), good))
    before, raw, after = raws(batch)
    assert before == after == Raw(0, 1, 5, b"u1", b"{}")
    told_of = LeftOut(2_097_000, "ab" * 32)
    assert raw.fault is not None
    assert (raw.partition, raw.offset, raw.fault.reason) == (3, 9, "too_large")
    assert raw.fault.key == (told_of if which != "value" else None)
    assert raw.fault.value == (told_of if which != "key" else None)
    assert "2097000 bytes" in raw.fault.message
    headers, got_key, got_value = told(dead_letter("t", raw, "decode", *raw.fault[:2], MOST))
    assert got_key == (b"u1" if which == "value" else None)
    assert got_value == (b"{}" if which == "key" else None)
    part = "key" if which == "key" else "value"
    assert headers[f"risk.{part}.size"] == b"2097000"
    assert headers[f"risk.{part}.sha256"] == b"ab" * 32


def test_a_time_that_is_not_the_brokers_is_marked() -> None:
    lines = (FIELD.join(("0", n, THEIRS * (n == "1") + "5", "u1", "{}")) for n in "012")
    raws_ = raws(RECORD.join(lines))
    assert [raw.fault and raw.fault.reason for raw in raws_] == [None, "create_time", None]
    assert {(raw.append_time, raw.key, raw.value) for raw in raws_} == {(5, b"u1", b"{}")}


def test_a_topics_name_goes_with_what_is_too_large() -> None:
    line = FIELD.join(("risk.scores", "0", "1", "5", NULL, LEFT_OUT + "7:00"))
    ((topic, raw),) = sourced(line)
    assert topic == "risk.scores"
    assert raw.key is None
    assert raw.fault == Fault(
        "too_large", raw.fault.message if raw.fault else "", None, LeftOut(7, "00")
    )
