"""A transaction: its shape, and how any byte string becomes one or a named reason why not."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, get_args

import msgspec

from risk.engine.payment import addresses, attributes, members, names
from risk.engine.payment.quick import CODES, are_codes, is_unplaced
from risk.engine.payment.rejected import Rejected as Rejected

SCHEMA_VERSION = 1

Channel = Literal["web", "app", "pos", "atm"]
CHANNELS: tuple[str, ...] = get_args(Channel)

# Beyond these a number is a mistake of the sender: 10^15 minor units is ten trillion euros, and
# 253402300799999 is the last millisecond of the year 9999.
MAX_AMOUNT = 10**15
MAX_EVENT_TIME = 253_402_300_799_999

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
MISSING: Final[Any] = ""  # a text that the payment doesn't have: no sender can say this


class Transaction(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True
):
    """One payment, as published to `risk.transactions` under the Kafka key `user_id`.

    `event_time` is in ms UTC, `amount` in integer minor units of `currency`, `ip` as `canonical`
    writes it. A text that it doesn't have is empty. `attributes` are its other members by name, as
    `attributes.kept` has them; None if there are none.
    """

    event_id: Identifier
    user_id: Identifier
    event_time: Annotated[int, msgspec.Meta(ge=0, le=MAX_EVENT_TIME)]
    amount: Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT)]
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
    merchant_id: Identifier = MISSING
    merchant_category: Annotated[str, msgspec.Meta(min_length=4, max_length=4)] = MISSING
    channel: Channel = MISSING
    country: Annotated[str, msgspec.Meta(min_length=2, max_length=2)] = MISSING
    ip: Annotated[str, msgspec.Meta(min_length=2, max_length=45)] = MISSING
    device_id: Identifier = MISSING
    card_token: Identifier = MISSING
    source: Identifier = MISSING
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    schema_version: Literal[1] = 1
    attributes: dict[str, Any] | None = None


# The members of a record that are none of its attributes.
FIELDS: Final = frozenset(Transaction.__struct_fields__) - {"attributes"}
REQUIRED: Final = ("event_id", "user_id", "event_time", "amount", "currency")
OPTIONAL: Final = tuple(
    name
    for name in Transaction.__struct_fields__
    if name not in (*REQUIRED, "schema_version", "attributes")
)

_decoder = msgspec.json.Decoder(Transaction)
_encode = msgspec.json.Encoder().encode
_FIELD = re.compile(r" - at `\$\.(\w+)`")
_UNKNOWN: Final = "unknown field"
_VERSIONED: Final = b'{"schema_version":1,'
# Members of a record, each of which has one colon: if there are no more colons than these and those
# in texts, and no backslash, which could spell one, then no member stands twice.
_PLACED, _UNPLACED = 16, 14
_BACKSLASH = ord("\\")


def decode(raw: bytes | None, key: bytes | None) -> Transaction:
    """Decode and validate one Kafka record: as `read`, or `Rejected` with `wrong_key`."""
    txn = read(raw)
    if key != txn.user_id.encode():
        raise Rejected("wrong_key", "the Kafka key is not the user_id: publish under key = user_id")
    return txn


def read(raw: bytes | None) -> Transaction:
    """Decode and validate a payment, whatever its key.

    Raises `Rejected` with one of the reasons `empty`, `not_utf8`, `not_json` or `invalid_field`;
    never anything else, whatever the bytes.
    """
    if not raw:
        raise Rejected("empty", "the record has no value: send a JSON transaction")
    once = False  # whether it is known that no member stands twice
    try:
        txn = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        txn, once = _member_by_member(raw, error), True
    if txn.attributes is not None and not once:  # it has one that is called so
        txn, once = _member_by_member(raw, None), True
    ip, merchant, device = txn.ip, txn.merchant_id, txn.device_id
    card, source = txn.card_token, txn.source
    codes = f"{txn.currency}{txn.country}{txn.merchant_category}"
    # All in a few steps for the many that are right; else a closer look says what is wrong, if so.
    if not (
        names.are_plain(f"|{txn.event_id}|{txn.user_id}|{merchant}|{device}|{card}|{source}|")
        and are_codes(codes)
        and (addresses.is_ipv4(ip) or addresses.is_usual_ipv6(ip) or not ip)
        and (
            (txn.lat is None) == (txn.lon is None)
            if once
            else _BACKSLASH not in raw
            and (
                (
                    txn.lon is not None and raw.count(b":") - ip.count(":") == _PLACED
                    if txn.lat is not None
                    else txn.lon is None and is_unplaced(raw, ip.count(":"), _UNPLACED)
                )
                if len(codes) == CODES
                and (ip and merchant and device and card and source and txn.channel)
                and b'"schema_version":' in raw
                else _has_each_once(txn, raw, ip.count(":"))
            )
        )
    ):
        txn = _look_closely(txn, raw, once)
    return txn


def encode(txn: Transaction) -> bytes:
    """The JSON bytes of a transaction: what it has, and its attributes behind its fields."""
    if txn.attributes is None:
        return _VERSIONED + _encode(txn)[1:]
    fields = msgspec.to_builtins(txn)
    own = fields.pop("attributes")
    return _VERSIONED + _encode({**fields, **own})[1:]


def _undecodable(raw: bytes, error: Exception) -> Rejected:
    try:
        raw.decode()
    except UnicodeDecodeError as utf8:
        return Rejected("not_utf8", f"not UTF-8 at byte {utf8.start}: encode the JSON as UTF-8")
    return Rejected("not_json", f"not JSON: {error}")


def _explain(error: Exception) -> str:
    text = str(error)
    found = _FIELD.search(text)
    return f"{found.group(1)}: {text[: found.start()]}" if found else text


def _flat(raw: bytes) -> Transaction | None:
    """A record of plain values, maybe with attributes, that surely has each member once.

    Without a backslash it has a colon for each member, and those in texts.
    """
    if _BACKSLASH in raw:
        return None
    try:
        found = members.decode(raw)
        count = len(found)
        own = {name: found.pop(name) for name in [name for name in found if name not in FIELDS]}
        if None in found.values():
            found = {name: value for name, value in found.items() if value is not None}
        if own:
            plain = attributes.plain(own)
            if plain is None:
                return None
            if plain[0]:
                found["attributes"] = plain[0]
            count += plain[1] + sum(name.count(":") for name, value in own.items() if value is None)
        txn = msgspec.convert(found, Transaction)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return txn if raw.count(b":") == count + txn.ip.count(":") else None


def _member_by_member(raw: bytes, error: Exception | None) -> Transaction:
    """A record that has more members than fields, or what a typed decoder doesn't take.

    Raises `Rejected`, for the `error` that the decoder has found, where that stands.
    """
    if (flat := _flat(raw)) is not None:
        return flat
    try:
        found = members.read(raw)
        own = {name: value for name, value in found.items() if name not in FIELDS}
        fields = {n: v for n, v in found.items() if n in FIELDS and v is not None}
        for name, value in fields.items():
            if isinstance(value, members.Numeral):
                fields[name] = members.number(name, value)
        if own:
            fields["attributes"] = attributes.kept(own)
        return msgspec.convert(fields, Transaction)
    except members.Repeated as repeated:
        raise _twice(repeated) from None
    except members.TooDeep:
        told = f"more than {members.MOST_NESTED} objects and lists, one in another: send fewer"
        raise Rejected("not_json", told) from None
    except msgspec.ValidationError as wrong:
        raise Rejected("invalid_field", _explain(wrong)) from None
    except UnicodeEncodeError:
        raise Rejected(
            "invalid_field", "half of a surrogate pair in a field: leave it out"
        ) from None
    except (ValueError, RecursionError) as other:
        if isinstance(error, msgspec.ValidationError) and _UNKNOWN not in str(error):
            raise Rejected("invalid_field", _explain(error)) from None
        raise _undecodable(raw, error or other) from None


def _twice(repeated: members.Repeated) -> Rejected:
    return Rejected("invalid_field", f"{repeated}: stands twice: send every member once")


def _has_each_once(txn: Transaction, raw: bytes, more: int) -> bool:
    """Whether a record without a backslash, in which fields are missing, surely has each once."""
    there = [name for name in OPTIONAL if getattr(txn, name) not in ("", None)]
    count = len(REQUIRED) + len(there) + (b'"schema_version":' in raw)
    if txn.lat is not None or txn.lon is not None:
        return None not in (txn.lat, txn.lon) and raw.count(b":") - more == count
    return is_unplaced(raw, more, count)


def _look_closely(txn: Transaction, raw: bytes, once: bool) -> Transaction:
    """The transaction with its address as it should be written. Raises `Rejected`."""
    ip, more = txn.ip, txn.ip.count(":")
    for name in ("event_id", "user_id", "merchant_id", "device_id", "card_token", "source"):
        text: str = getattr(txn, name)
        more += text.count(":")
        if text and not names.are_plain(f"|{text}|") and (fault := names.fault(name, text)):
            raise Rejected("invalid_field", fault)
    currency, country, category = txn.currency, txn.country, txn.merchant_category
    if not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise Rejected("invalid_field", "currency: not three capital letters (ISO 4217)")
    if country and not (country.isascii() and country.isalpha() and country.isupper()):
        raise Rejected("invalid_field", "country: not two capital letters (ISO 3166 alpha-2)")
    if category and not (category.isascii() and category.isdigit()):
        raise Rejected("invalid_field", "merchant_category: not four digits (MCC)")
    if (txn.lat is None) != (txn.lon is None):
        raise Rejected("invalid_field", "lat, lon: one without the other")
    try:
        ip = ip and addresses.canonical(ip)
        if not once and (_BACKSLASH in raw or not _has_each_once(txn, raw, more)):
            members.check_once(raw)
    except members.Repeated as repeated:
        raise _twice(repeated) from None
    except ValueError as wrong:
        raise Rejected("invalid_field", f"ip: {wrong}") from None
    return txn if ip == txn.ip else msgspec.structs.replace(txn, ip=ip)
