"""Hostile input by what it says: numbers, sizes, identity, addresses, names, money, cards."""

from __future__ import annotations

import random
import time

import msgspec
from confluent_kafka import KafkaError, Producer

from risk.engine.payment.transaction import MAX_AMOUNT, Transaction, encode
from risk.kafka.client import client_config
from tests.long.health import Sound, now, record
from tests.pipeline import transaction
from tests.topics import Sent, read
from tests.unit.engine.payment.test_addresses import MAPPED, SPELLINGS
from tests.unit.engine.payment.test_cards import NUMBERS

MB = 1_000_000
MANY = 18_447  # payments of 10^15: their sum is over 2^64
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
DRESSES = ("{}", "PAN{}", "{} ", "x-{}-y")


def sums_beyond_64_bits(sound: Sound) -> None:
    start = now() - 20_000
    txns = [transaction(f"rich-{n}", "rich", start + n, amount=MAX_AMOUNT) for n in range(MANY)]
    sound.pay(txns)
    found = sound.decided("rich", MANY, 300)
    assert max(one["features"]["user_amount_5m"] for one in found) == 2**63 - 1


def records_that_are_too_large(sound: Sound) -> None:
    garbage = bytes(range(256)) * 8_200
    member = b'{"x' + b"x" * 1_100_000 + b'":1}'
    sound.judged(
        [
            (Sent(b"u", garbage[:2_097_000]), "too_large"),
            (Sent(b"u", member), "too_large"),
            (record(transaction("after-large", "large-0", now())), None),
        ]
    )
    sound.decided("large-0", 1)


def blanks_that_are_small_while_compressed(sound: Sound) -> None:
    for size in (3 * MB, 30 * MB):
        producer = Producer(
            {
                **client_config(sound.settings.kafka),
                "compression.type": "gzip",
                "message.max.bytes": 100 * MB,
                "message.timeout.ms": 60_000,
            }
        )
        errors: list[KafkaError | None] = []
        producer.produce(sound.topic, b" " * size, on_delivery=lambda e, _, to=errors: to.append(e))
        assert producer.flush(90) == 0
        assert errors[0] is not None, f"{size} bytes of blanks were taken"
        assert not errors[0].retriable(), errors[0].str()


def sixty_records_of_two_megabytes(sound: Sound) -> None:
    large = [(Sent(b"u", bytes([n]) * 1_900_000), "too_large") for n in range(60)]
    good = [(record(transaction(f"g{n}", f"amid-{n}", now())), None) for n in range(10)]
    sound.judged([*good[:5], *large, *good[5:]])
    sound.decided("amid-", 10)


def one_event_id_of_two_users(sound: Sound) -> None:
    sound.pay([transaction("shared", f"sharing-{n}", now()) for n in range(2)])
    sound.decided("sharing-", 2)


def an_id_that_is_used_again(sound: Sound) -> None:
    """Once the first is forgotten another payment is scored under it, or a copy of it is late."""
    first, copied = transaction("used", "again", now()), transaction("used", "copied", now())
    sound.pay([first, copied])
    time.sleep(sound.settings.scoring.dedup_ms / 1_000 + 2)
    sound.pay([transaction("between", user, now()) for user in ("again", "copied")])
    second = transaction("used", "again", now())
    changed = msgspec.structs.replace(second, amount=7)
    # All that follows under the id is a duplicate of the second, be it a copy of the first.
    sound.pay([second, second, changed, first, copied])
    for user, wanted in (
        ("again", [(first.event_time, False), (second.event_time, False)]),
        ("copied", [(copied.event_time, False), (copied.event_time, True)]),
    ):
        found = sound.decided(user, 3)
        said = [(one["event_time"], one["late"]) for one in found if one["event_id"] == "used"]
        assert sorted(said) == wanted


def ties_in_time(sound: Sound) -> None:
    at = now()
    shared = {"device_id": "tied-device", "ip": "203.0.113.77"}
    txns = [transaction(f"t{n // 3}", f"tied-{n % 3}", at, **shared) for n in range(30)]
    random.Random(7).shuffle(txns)
    sound.pay(txns)
    sound.decided("tied-", 30)


def an_event_id_of_emoji(sound: Sound) -> None:
    sound.pay([transaction("\U0001f600" * 128, "smiling", now())])
    sound.decided("smiling", 1)


def _raw(txn: Transaction, old: bytes, new: bytes) -> Sent:
    value = encode(txn)
    assert old in value
    return Sent(txn.user_id.encode(), value.replace(old, new))


def addresses(sound: Sound) -> None:
    spelt, at = (*SPELLINGS, *MAPPED), now()
    good = [
        transaction(f"a{n}", f"spelt-{n}", at + n, ip=address) for n, address in enumerate(spelt)
    ]
    zones = ("fe80::1%eth0", "fe80::1%", "fe80::1%\0", "999.1.1.1", "10.0.0.01", "1.2.3")
    bad = [transaction(f"z{n}", "zoned", at, ip=address) for n, address in enumerate(zones)]
    # In one partition they come in the order of their times: the last sees all of them at once.
    sound.pay(good, 0)
    sound.judged([(record(txn), "invalid_field") for txn in bad])
    found = sound.decided("spelt-", len(spelt))
    for address in ("2001:db8::1", "192.0.2.1"):
        counts = [
            one["features"]["ip_users_2m"] for one in found if one["transaction"]["ip"] == address
        ]
        assert max(counts) >= 12, (address, counts)


def names(sound: Sound) -> None:
    good = [FAMILY, "so\u00adft", "Jos\u00e9", "a b", "\u65e5\u672c", "x" * 128, "a|b:c"]
    bad = [
        "nul\0",
        " before",
        "after ",
        "Jose\u0301",
        "\u200bx",
        "line\n",
        "\ufeffx",
        "x" * 129,
    ]
    at = now()
    # Written out: left empty by a producer of ours, it would be left out.
    empty = _raw(
        transaction("empty", "misnamed", at, device_id="x"), b'"device_id":"x"', b'"device_id":""'
    )
    sound.judged(
        [
            *(
                (record(transaction(f"n{n}", f"named-{n}", at, merchant_id=text)), None)
                for n, text in enumerate(good)
            ),
            *(
                (record(transaction(f"n{n}", "misnamed", at, device_id=text)), "invalid_field")
                for n, text in enumerate(bad)
            ),
            (empty, "invalid_field"),
            (record(transaction("blank", " blank ", at)), "invalid_field"),
            (record(transaction(" blank", "blank", at)), "invalid_field"),
        ]
    )
    sound.decided("named-", len(good))


def money(sound: Sound) -> None:
    def paid(number: int, **fields: object) -> Transaction:
        return transaction(f"m{number}", f"paying-{number}", now(), **fields)

    plain = b'"amount":5000'
    sound.judged(
        [
            (_raw(paid(0), plain, b'"amount":100.0'), None),
            (_raw(paid(1), plain, b'"amount":1e3'), None),
            (record(paid(2, currency="KWD", amount=1_234)), None),
            (record(paid(3, currency="JPY", amount=1_234)), None),
            (record(paid(4, currency="ZZZ", amount=0)), None),
            (_raw(paid(5), plain, b'"amount":1.5'), "invalid_field"),
            (_raw(paid(6), plain, b'"amount":1e400'), "invalid_field"),
            (_raw(paid(7), plain, plain + b',"amount":7'), "invalid_field"),
            (_raw(paid(8), plain, plain + b',"\\u0061mount":7'), "invalid_field"),
            (_raw(paid(9), plain, b'"amount":1000000000000001'), "invalid_field"),
        ]
    )
    found = {one["event_id"]: one["transaction"]["amount"] for one in sound.decided("paying-", 5)}
    assert (found["m0"], found["m1"]) == (100, 1_000)


def cards(sound: Sound) -> None:
    """In any id, in any dress: rejected, and not to be read in risk.dlq."""
    sent: list[tuple[Sent, str | None]] = []
    for number, card in enumerate(NUMBERS):
        for field in ("event_id", "user_id", "device_id", "card_token"):
            dressed = DRESSES[number % len(DRESSES)].format(card).strip()
            txn = transaction(f"c{number}-{field}", "carded", now())
            txn = msgspec.structs.replace(txn, **{field: dressed})
            sent.append((record(txn), "invalid_field"))
    for text in ("4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111"):
        sent.append((record(transaction(text, "carded", now())), "invalid_field"))
        broken = encode(transaction("cut", text, now()))[:-9]
        sent.append((Sent(text.encode(), broken), "not_json"))
    sound.judged(sent)
    no_card_in_clear(sound)


def no_card_in_clear(sound: Sound) -> None:
    """None of the numbers stands in a key, a value or a header of risk.dlq."""
    shown = [card.encode() for card in NUMBERS]
    shown += [b"4111%b1111%b1111%b1111" % (gap, gap, gap) for gap in (b" ", b"-", b".")]
    for message in read(sound.settings, sound.settings.topics.dlq):
        headers = [value for _, value in message.headers() or () if value]
        for part in (message.key() or b"", message.value() or b"", *headers):
            found = [card for card in shown if card in part]
            assert not found, f"{found} in clear at {message.partition()}:{message.offset()}"
