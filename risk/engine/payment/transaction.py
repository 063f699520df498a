"""A transaction: its shape, and how any byte string becomes one or a named reason why not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Literal, get_args

import msgspec

from risk.engine.payment import addresses, members, names
from risk.engine.payment.cards import redact_text

SCHEMA_VERSION = 1

Channel = Literal["web", "app", "pos", "atm"]
CHANNELS: tuple[str, ...] = get_args(Channel)

# Beyond these a number is a mistake of the sender: 10^15 minor units is ten trillion euros, and
# 253402300799999 is the last millisecond of the year 9999.
MAX_AMOUNT = 10**15
MAX_EVENT_TIME = 253_402_300_799_999
MOST_TOLD = 500  # characters of what is said about a record that is wrong

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Transaction(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One payment, as published to `risk.transactions` under the Kafka key `user_id`.

    `event_time` is in ms UTC, `amount` in integer minor units of `currency`, `ip` as `canonical`
    writes it.
    """

    schema_version: Literal[1]
    event_id: Identifier
    user_id: Identifier
    event_time: Annotated[int, msgspec.Meta(ge=0, le=MAX_EVENT_TIME)]
    amount: Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT)]
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
    merchant_id: Identifier
    merchant_category: Annotated[str, msgspec.Meta(min_length=4, max_length=4)]
    channel: Channel
    country: Annotated[str, msgspec.Meta(min_length=2, max_length=2)]
    ip: Annotated[str, msgspec.Meta(min_length=2, max_length=45)]
    device_id: Identifier
    card_token: Identifier
    source: Identifier
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None


class Rejected(Exception):
    """The record can't be scored. `reason` is a stable code, the message names the field.

    The message is short, and has no card number in it, whatever of the record it quotes.
    """

    def __init__(self, reason: str, message: str) -> None:
        message = redact_text(message[: 4 * MOST_TOLD])[:MOST_TOLD]
        super().__init__(message)
        self.reason = reason
        self.message = message


_decoder = msgspec.json.Decoder(Transaction)
_encoder = msgspec.json.Encoder()
_FIELD = re.compile(r" - at `\$\.(\w+)`")
# Members of a record, each of which has one colon: if there are no more colons than these and those
# in texts, and no backslash, which could spell one, then no member stands twice.
_PLACED, _UNPLACED = 16, 14
_BACKSLASH = ord("\\")


def decode(raw: bytes | None, key: bytes | None) -> Transaction:
    """Decode and validate one Kafka record.

    Raises `Rejected` with one of the reasons `empty`, `not_utf8`, `not_json`, `invalid_field`
    or `wrong_key`; never anything else, whatever the bytes.
    """
    if not raw:
        raise Rejected("empty", "the record has no value: send a JSON transaction")
    try:
        txn = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        txn = _with_integers(raw, error)
    except msgspec.DecodeError as error:
        raise _undecodable(raw, error) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise _undecodable(raw, error) from None
    ip = txn.ip
    # All in a few steps for the many that are right; else a closer look says what is wrong, if so.
    if not (
        names.are_plain(
            f"|{txn.event_id}|{txn.user_id}|{txn.merchant_id}"
            f"|{txn.device_id}|{txn.card_token}|{txn.source}|"
        )
        and _are_codes(f"{txn.currency}{txn.country}{txn.merchant_category}")
        and (addresses.is_ipv4(ip) or addresses.is_usual_ipv6(ip))
        and (
            txn.lon is not None and raw.count(b":") - ip.count(":") == _PLACED
            if txn.lat is not None
            else txn.lon is None and _is_unplaced(raw, ip.count(":"))
        )
        and _BACKSLASH not in raw
    ):
        txn = _look_closely(txn, raw)
    if key != txn.user_id.encode():
        raise Rejected("wrong_key", "the Kafka key is not the user_id: publish under key = user_id")
    return txn


def encode(txn: Transaction) -> bytes:
    """The JSON bytes of a transaction, fields in the order of the class."""
    return _encoder.encode(txn)


def _undecodable(raw: bytes, error: Exception) -> Rejected:
    try:
        raw.decode()
    except UnicodeDecodeError as utf8:
        return Rejected("not_utf8", f"not UTF-8 at byte {utf8.start}: encode the JSON as UTF-8")
    return Rejected("not_json", f"not JSON: {error}")


def _explain(text: str) -> str:
    found = _FIELD.search(text)
    return f"{found.group(1)}: {text[: found.start()]}" if found else text


def _with_integers(raw: bytes, error: msgspec.ValidationError) -> Transaction:
    """The record all the same, if the error is of an integer that is written as a fraction."""
    try:
        fields = members.with_integers(raw) if "`float`" in str(error) else None
        if fields is not None:
            return msgspec.convert(fields, Transaction)
    except members.Repeated as repeated:
        raise _twice(repeated) from None
    except msgspec.ValidationError as other:
        error = other
    except UnicodeEncodeError:  # half of a surrogate pair, somewhere after the fraction
        pass
    raise Rejected("invalid_field", _explain(str(error))) from None


def _twice(repeated: members.Repeated) -> Rejected:
    return Rejected("invalid_field", f"{repeated}: stands twice: send every member once")


@lru_cache(8_192)
def _are_codes(text: str) -> bool:
    """Whether these are the capitals of a currency and a country, and the digits of a category."""
    letters, digits = text[:5], text[5:]
    return text.isascii() and letters.isalpha() and letters.isupper() and digits.isdigit()


def _is_unplaced(raw: bytes, more: int) -> bool:
    """Whether a record surely has each member once and neither lat nor lon, or both as null.

    Without a backslash it has a colon for each member, and `more` in its texts.
    """
    colons = raw.count(b":") - more
    if colons == _UNPLACED:
        return True
    return colons == _PLACED and (
        (b'"lat":null' in raw and b'"lon":null' in raw)
        or (b'"lat": null' in raw and b'"lon": null' in raw)
    )


def _look_closely(txn: Transaction, raw: bytes) -> Transaction:
    """The transaction with its address as it should be written. Raises `Rejected`."""
    ip, more = txn.ip, txn.ip.count(":")
    for name in ("event_id", "user_id", "merchant_id", "device_id", "card_token", "source"):
        text: str = getattr(txn, name)
        more += text.count(":")
        if not names.are_plain(f"|{text}|") and (fault := names.fault(name, text)):
            raise Rejected("invalid_field", fault)
    if not (txn.currency.isascii() and txn.currency.isalpha() and txn.currency.isupper()):
        raise Rejected("invalid_field", "currency: not three capital letters (ISO 4217)")
    if not (txn.country.isascii() and txn.country.isalpha() and txn.country.isupper()):
        raise Rejected("invalid_field", "country: not two capital letters (ISO 3166 alpha-2)")
    if not (txn.merchant_category.isascii() and txn.merchant_category.isdigit()):
        raise Rejected("invalid_field", "merchant_category: not four digits (MCC)")
    if (txn.lat is None) != (txn.lon is None):
        raise Rejected("invalid_field", "lat, lon: one without the other")
    try:
        ip = addresses.canonical(ip)
        placed = txn.lat is not None and raw.count(b":") - more == _PLACED
        if _BACKSLASH in raw or not (placed or (txn.lat is None and _is_unplaced(raw, more))):
            members.check_once(raw)
    except members.Repeated as repeated:
        raise _twice(repeated) from None
    except ValueError as wrong:
        raise Rejected("invalid_field", f"ip: {wrong}") from None
    return txn if ip == txn.ip else msgspec.structs.replace(txn, ip=ip)
