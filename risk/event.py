"""A transaction: its shape, and how any byte string becomes one or a named reason why not."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal, get_args

import msgspec

SCHEMA_VERSION = 1

Channel = Literal["web", "app", "pos", "atm"]
CHANNELS: tuple[str, ...] = get_args(Channel)

# Beyond these a number is a mistake of the sender: 10^15 minor units is ten trillion euros, and
# 253402300799999 is the last millisecond of the year 9999.
MAX_AMOUNT = 10**15
MAX_EVENT_TIME = 253_402_300_799_999

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Transaction(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One payment, as published to `risk.transactions` under the Kafka key `user_id`.

    `event_time` is in ms UTC, `amount` in integer minor units of `currency`.
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
    """The record can't be scored. `reason` is a stable code, the message names the field."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


_decoder = msgspec.json.Decoder(Transaction)
_encoder = msgspec.json.Encoder()
_FIELD = re.compile(r" - at `\$\.(\w+)`")
# A token is opaque. A bare run of 12 to 19 digits is a card number, and must go no further.
_CARD_NUMBER = re.compile(r"\d[\d -]{10,21}\d")
# IPv4, and the usual ways to write IPv6: in full, or with `::` before the last group.
_USUAL_IP = re.compile(
    r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}"
    r"|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}"
    r"|(?:[0-9a-f]{1,4}:){1,6}:[0-9a-f]{1,4}",
    re.ASCII | re.IGNORECASE,
)


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
        raise Rejected("invalid_field", _explain(str(error))) from None
    except msgspec.DecodeError as error:
        raise _undecodable(raw, error) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise _undecodable(raw, error) from None
    _check(txn)
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


def _check(txn: Transaction) -> None:
    """What msgspec's types don't say: character sets, and fields that go together.

    All in a few steps for the many that are right; `_find_fault` says which field is wrong.
    """
    texts = (
        f"{txn.event_id}{txn.user_id}{txn.merchant_id}{txn.device_id}{txn.card_token}{txn.source}"
    )
    codes = txn.currency + txn.country
    if not (
        texts.isprintable()
        and codes.isascii()
        and codes.isalpha()
        and codes.isupper()
        and txn.merchant_category.isascii()
        and txn.merchant_category.isdigit()
        and (txn.lat is None) == (txn.lon is None)
        and _USUAL_IP.fullmatch(txn.ip)
        and not _CARD_NUMBER.fullmatch(txn.card_token)
    ):
        _find_fault(txn)


def _find_fault(txn: Transaction) -> None:
    for name in ("event_id", "user_id", "merchant_id", "device_id", "card_token", "source"):
        if not getattr(txn, name).isprintable():
            raise Rejected("invalid_field", f"{name}: has a control character")
    if not (txn.currency.isascii() and txn.currency.isalpha() and txn.currency.isupper()):
        raise Rejected("invalid_field", "currency: not three capital letters (ISO 4217)")
    if not (txn.country.isascii() and txn.country.isalpha() and txn.country.isupper()):
        raise Rejected("invalid_field", "country: not two capital letters (ISO 3166 alpha-2)")
    if not (txn.merchant_category.isascii() and txn.merchant_category.isdigit()):
        raise Rejected("invalid_field", "merchant_category: not four digits (MCC)")
    if not _USUAL_IP.fullmatch(txn.ip):
        try:
            ipaddress.IPv6Address(txn.ip)
        except ValueError:
            raise Rejected("invalid_field", "ip: neither an IPv4 nor an IPv6 address") from None
    if (txn.lat is None) != (txn.lon is None):
        raise Rejected("invalid_field", "lat, lon: one without the other")
    if _CARD_NUMBER.fullmatch(txn.card_token):
        raise Rejected("invalid_field", "card_token: looks like a card number, send a token")
