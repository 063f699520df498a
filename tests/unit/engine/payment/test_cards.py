"""Card numbers are found wherever they turn up, and what only looks like one is not."""

from __future__ import annotations

import json
import string
import time
import uuid
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.payment.cards import _STARTS, may_begin
from risk.engine.payment.escapes import Unescaped
from risk.engine.payment.redaction import (
    LARGE,
    has_card_number,
    may_have_card_number,
    redact,
    redact_text,
)

# The networks' published test numbers.
NUMBERS = (
    "4111111111111111",
    "4222222222222",
    "4000000000000000006",
    "5555555555554444",
    "2223003122003222",
    "371449635398431",
    "6011111111111117",
    "30569309025904",
    "3530111333300000",
    "6240008631401148",
    "2200000000000004",
    "6304000000000000",
    "6759649826438453",
)
NONE = (
    "4111111111111112",  # Luhn
    "1853012345678901234",  # a snowflake
    "1790000000000",  # ms
    "1790000000000000",  # µs
    "4915112345678",  # a phone
    "41111111111111111111",  # too long
    "411111111111",  # too short
    "4111_x_1111",
    "550e8400-e29b-41d4-a716-446655440000",
    "a4111111111111111bcdef01",  # 24 digits of a hash
    "0000411111111111",
)


@pytest.mark.parametrize("number", NUMBERS)
def test_each_networks_are_found_in_any_dress(number: str) -> None:
    fours = [number[at : at + 4] for at in range(0, len(number), 4)]
    shown = number[-4:]
    for text in (
        number,
        f"PAN{number}",
        f"card:{number}.",
        f"é{number}é",
        " ".join(fours),
        "-".join(fours),
        ".".join(fours),
        "\u00a0".join(fours),
        "\u2011".join(fours),
        " - ".join(fours),
        f"{number} 12/27 123",
        f"2026-11-29-{number}",
    ):
        assert has_card_number(text), text
        assert may_have_card_number(text), text
        redacted = redact_text(text)
        assert len(redacted) == len(text)
        assert number[:-4] not in redacted
        assert "".join(c for c in redacted if c.isdigit()).count(shown) >= 1
        assert not has_card_number(redacted)
        assert redact(text.encode()) == redacted.encode()
        record = json.dumps({"user_id": text}).encode()
        assert redact(record) != record


def test_of_its_digits_the_last_four_stay() -> None:
    assert redact_text("PAN4111111111111111") == "PAN************1111"
    assert redact_text("3714 496353 98431") == "**** ****** *8431"
    assert redact(b'{"user_id": 4111111111111111}\xff') == b'{"user_id": ************1111}\xff'
    escaped = json.dumps("4111\u00a01111\u00a01111\u00a01111").encode()
    assert redact(escaped) == b'"****\\u00a0****\\u00a0****\\u00a01111"'


@pytest.mark.parametrize("text", NONE)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert not has_card_number(text)
    assert redact_text(text) == text
    assert redact(text.encode()) == text.encode()


def test_where_a_token_belongs_no_long_number_stays() -> None:
    value = b'{"user_id":"1234567890123456","card_token" : "4111 1111 1111 1112","ip":"10.0.0.1"}'
    assert redact(value) == value.replace(b"4111 1111 1111", b"**** **** ****")


def test_nothing_is_nothing() -> None:
    assert redact(None) is None
    assert redact(b"") == b""


TEXTS = st.lists(
    st.sampled_from((*NUMBERS, *NONE)) | st.text(string.digits + " .-\u00a0\u2011x*", max_size=24)
).map("".join)


@given(TEXTS)
def test_none_is_left_and_all_else_is_as_it_was(text: str) -> None:
    redacted = redact_text(text)
    assert len(redacted) == len(text)
    assert not has_card_number(redacted)
    assert all(a == b or (a.isdigit() and b == "*") for a, b in zip(text, redacted, strict=True))
    assert (redacted != text) is has_card_number(text)
    if has_card_number(text):
        assert may_have_card_number(text)


@pytest.mark.parametrize(
    "number",
    ["2221000000000009", "378282246310005", "4111111111111111", "5500000000000004",
     "6011000000000004", "8124979971040158"],
)  # fmt: skip
def test_a_number_of_each_first_digit_may_begin_behind_a_letter(number: str) -> None:
    assert has_card_number(f"PAN{number}")
    assert may_begin(f"PAN{number}")


def test_what_may_begin_knows_the_first_digits_of_each_network() -> None:
    for digits in (f"{number:04d}" for number in range(10_000)):
        issued = any(start.match(digits.ljust(length, "0")) for length, start in _STARTS.items())
        assert may_begin(f"PAN{digits}00000000") >= issued, digits


@given(st.binary() | TEXTS.map(str.encode) | TEXTS.map(lambda text: text.encode("utf-16")))
def test_bytes_are_masked_once(raw: bytes) -> None:
    redacted = redact(raw)
    assert redacted is not None
    assert len(redacted) <= len(raw)  # a digit of another script is longer than its mask
    assert redact(redacted) == redacted


@pytest.mark.parametrize(
    ("spelled", "masked"),
    [
        (r"4111\/1111\/1111\/1111", r"****\/****\/****\/1111"),
        (r"4111\t1111\t1111\t1111", r"****\t****\t****\t1111"),
        (r"4111\u002d1111\u00201111\u00091111", r"****\u002d****\u0020****\u00091111"),
        (r"\u0034111111111111111", r"\u002a***********1111"),
        (r"\\u0034111111111111111", r"\\u002a***********1111"),
        (r"\u005cu0034111111111111111", r"\u005cu002a***********1111"),
        (r"\\u4111111111111111", r"\\u************1111"),
        (r"\\u003\u0034111111111111111", r"\\u002\u0061***********1111"),
        (r"\ud835\udfd2\ud835\udfcf11111111111111", r"\u002a\u002a" * 2 + "**********1111"),
        ("4111－1111－1111－1111", "****－****－****－1111"),
        ("4111\u00ad1111\u20111111\ufeff1111", "****\u00ad****\u2011****\ufeff1111"),
        ("４１１１１１１１１１１１\uff11111", "************１111"),
        ("٤١١١\u00a011111111\u00a01111", "****\u00a0********\u00a01111"),
    ],
)
def test_a_number_may_be_spelled(spelled: str, masked: str) -> None:
    assert may_have_card_number(spelled)
    assert has_card_number(spelled)
    assert redact_text(spelled) == masked
    assert redact(spelled.encode()) == masked.encode()
    for codec in ("utf-16", "utf-16-le", "utf-16-be"):
        assert redact(spelled.encode(codec)) == masked.encode(codec)


NO_NUMBERS = (
    rb'{"note":"\u8ba2\u5355123456789015"}',  # a word in Chinese, whose escape ends in digits
    b'{"r":"\\u00e9021835db4629328181609f2899919014"}',  # a hash behind a letter
    rb'"\u4111111111111111"',
)


@pytest.mark.parametrize("record", NO_NUMBERS)
def test_the_digits_of_an_escape_in_a_record_belong_to_no_number(record: bytes) -> None:
    assert redact(record) == record


def test_in_a_text_they_are_what_a_person_reads() -> None:
    assert redact_text(r"\u4111111111111111") == r"\u************1111"


def test_a_number_may_be_written_with_an_exponent() -> None:
    for spelled in (b'{"c":4.111111111111111E15}', b'{"c":4.111111111111111e+15}'):
        masked = redact(spelled) or b""
        assert b"4.11" not in masked
        assert len(masked) == len(spelled)
    for other in (b'{"c":4.111111111111112E15}', b'{"c":4.111111111111111E14}'):
        assert redact(other) == other


def test_what_is_left_once_a_number_has_gone_is_looked_at_again() -> None:
    text = r"\u0034111111111111111\u0e5500000000000004"
    assert not has_card_number(redact_text(text))
    assert redact_text(redact_text(text)) == redact_text(text)


def test_a_chain_of_numbers_that_hide_one_another_takes_few_looks() -> None:
    link = r"4291 669701704001\u0031 92885844957 555805914718\u0031 75880254532 347063044493\u0031 "
    chain = link * 100 + "06057264328 " + "4111111111111111 " * 2
    begun = time.thread_time()
    shown, written = redact_text(chain), redact(chain.encode()) or b""
    assert not has_card_number(shown)
    assert redact_text(shown) == shown
    assert not has_card_number(Unescaped(written.decode()).text)
    assert redact(written) == written
    assert time.thread_time() - begun < 1


def test_digits_of_other_scripts_in_utf_16_are_bytes_of_ascii_without_a_digit() -> None:
    digits = "".join(chr(0x660 + int(digit)) for digit in "4111111111111111")
    for codec in ("utf-16-le", "utf-16-be"):
        redacted = redact(f'{{"card":"{digits}"}}'.encode(codec)) or b""
        assert redacted.decode(codec) == f'{{"card":"{"*" * 12}{digits[-4:]}"}}'


def test_bytes_that_are_no_utf_8_may_part_groups() -> None:
    assert redact(b"4111\xa01111\x961111\x971111") == b"****\xa0****\x96****\x971111"


def test_the_name_of_a_token_may_be_spelled_too() -> None:
    value = rb'"{\"card\u005ftoken\":\"1234567890\u0031\u0032\u0033\u0034\"}"'
    assert redact(value) == value.replace(b"1234567890", b"*" * 10)


@given(TEXTS, st.lists(st.integers(0, 3), min_size=1))
def test_no_spelling_hides_a_number(text: str, escapes: list[int]) -> None:
    """Each character as it is or escaped, once or as JSON in JSON."""
    raw = '"' + "".join(map(_escaped, text, cycle(escapes))) + '"'
    redacted = (redact(raw.encode()) or b"").decode()
    json.loads(redacted)
    for shown in (Unescaped(redacted).text, redact_text(raw), redact_text(json.loads(raw))):
        assert not has_card_number(shown)
    if has_card_number(text):
        assert has_card_number(Unescaped(raw).text)


def _escaped(character: str, often: int) -> str:
    return "\\" * 2 ** (often - 1) + f"u{ord(character):04x}" if often else character


@pytest.mark.parametrize(
    "text",
    ["4444444444444444111\u00a01111\u201314444", "5500005555555559 2345 6789 0008"],
)
def test_digits_that_stay_of_a_number_are_no_part_of_another(text: str) -> None:
    for found in (redact_text(text), (redact(text.encode()) or b"").decode()):
        assert not has_card_number(found)
        assert sum(character.isdigit() for character in found) == 4


@given(st.uuids(), st.integers(24, 64).filter(lambda n: n in (24, 32, 40, 64)))
def test_no_hash_or_uuid_is_a_card_number(name: uuid.UUID, length: int) -> None:
    assert not has_card_number(str(name))
    digits = (name.hex * 2)[: length - 1]
    assert not has_card_number(f"a{digits}")


def test_much_is_masked_without_a_closer_look() -> None:
    """In a time that goes with its length: nobody can hold scoring up with digits."""
    for unit in (b"4111 1111 1111 1112 ", b"4", b"1 ", b'"card_token":', b"4111111111111x"):
        begun = time.thread_time()
        large = redact(unit * (2_000_000 // len(unit)))
        assert time.thread_time() - begun < 10
        assert large is not None
        assert b"4111 1111" not in large
    assert redact(b"x" * LARGE + b"4111111111111112") == b"x" * LARGE + b"*" * 12 + b"1112"
