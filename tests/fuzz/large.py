"""Inputs as large as they may come: the time that they take may not grow with their square.

What mutation makes is too small to show that; all of these have once taken long, or might.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from tests.fuzz.targets.payments import WHOLE

PAYMENT: Final = 65_536  # bytes: the default of kafka.max_payment_bytes
FILE: Final = 20_000  # YAML is read at some 100 kB/s
LINE: Final = b"content-type: application/json\n\n"


class Large(NamedTuple):
    """An input of a target, and what it is."""

    target: str
    about: str
    data: bytes


def large() -> Iterator[Large]:
    """All of them."""
    for about, data in _payments():
        yield Large("payment", about, data)
    for target, about, data in (*_files(), *_others()):
        yield Large(target, about, data)


def _payments() -> Iterator[tuple[str, bytes]]:
    begun = json.dumps(WHOLE)[:-1].encode() + b',"a_str":"x","a":'
    most = PAYMENT - len(begun)
    yield "texts that are never closed", b'{"' + b'\\"[{' * (PAYMENT // 4)
    yield "a backslash at the end", b'{"' + b'\\"[{' * (PAYMENT // 4) + b"\\"
    yield "quotation marks", b'{"a":' + b'"[' * (PAYMENT // 2)
    for about, piece in (
        ("digits with dashes", b"4-"),
        ("groups of digits", b"4111 "),
        ("digits", b"4"),
        ("card numbers", b"4111 1111 1111 1111 "),
        ("NULs", b"\\u0000"),
        ("halves of pairs", b"\\ud800"),
        ("hashes", b"0123456789abcdef"),
        ("colons", b":"),
    ):
        yield about, begun + b'"' + piece * (most // len(piece)) + b'"}'
    yield "a long number", begun + b"9" * most + b"}"
    yield "a long fraction", begun + b"0." + b"9" * most + b"}"
    yield "a far exponent", begun + b"1e" + b"9" * most + b"}"
    yield "many lists", begun + b"[" + b"[]," * (most // 3) + b"1]}"
    yield "many members", begun + b"1," + b",".join(b'"k%d":1' % n for n in range(6_000)) + b"}"
    yield (
        "a whole number as a long fraction",
        (
            b'{"event_id":"e","user_id":"u","event_time":1,"currency":"EUR","amount":1.'
            + b"0" * most
            + b"}"
        ),
    )


def _files() -> Iterator[tuple[str, str, bytes]]:
    rule = b"id: x\nversion: 1\ndescription: d\npoints: 1\ntests: []\n"
    keys = [b"key%07d: value" % n for n in range(FILE // 20)]
    yield "rule", "unknown keys in one line", b"{" + b",".join(keys) + b"}"
    yield "rule", "unknown keys", b"\n".join(keys)
    slots = b"{nothing} " * (FILE // 10)
    yield "rule", "slots of nothing", rule + b'when: late\nreason: "' + slots + b'"'
    yield "rule", "a long condition", rule + b"reason: x\nwhen: " + b"x > 5 and " * (FILE // 10)
    head = b"name: x\nversion: 1\ndescription: d\nthresholds: {review: 1, block: 2}\nlists:\n  a: ["
    yield "ruleset", "one value again and again", head + b"v," * (FILE // 2) + b"]"
    yield "settings", "a long list", b"data_dir: [" + b"1," * (FILE // 2) + b"]"
    yield "settings", "one long key", b"a" * FILE + b": 1"
    yield "features", "faulty ones", b"{" + b",".join(b"f%d: {}" % n for n in range(1_500)) + b"}"


def _others() -> Iterator[tuple[str, str, bytes]]:
    key, tail = b"\0" * 1_000_000, b"\n\n{"
    yield "rejected", "a key", key + tail
    yield "rejected", "digits as a key", b"4111-" * 60_000 + tail
    yield "rejected", "a key that isn't the user", b"a" * 100_000 + b'\n\n{"user_id":"b"}'
    attributes = b",".join(b'"k%d":"v%d"' % (n, n) for n in range(4_000))
    yield "rejected", "attributes", b'u1\n\n{"attributes":{' + attributes + b"}}"
    names = b",".join(b"c%d" % n for n in range(20_000))
    yield "imports", "columns", b"=== rows.csv\n" + names
    lines = b"".join(b'{"a%d":1}\n' % n for n in range(2_000))
    yield "imports", "columns of their own", b"=== rows.jsonl\n" + lines
    yield "tables", "columns", names
    yield "audit", "terms", b"user:a " * 100_000
    yield "audit", "values", b"user:" + b"a," * 100_000
    yield "audit", "a quotation that isn't closed", b'user:"' + b"\\a" * 100_000
    yield "cards", "digits with dashes", b"4-" * 25_000
    yield "cards", "groups", b"4111 " * 20_000
    yield "cards", "zeros", b"0" * 100_000
    yield "api", "many payments", LINE + b"[" + b"{}," * 4_000 + b"{}]"
    yield "address", "parameters", b"/v1/payments?" + b"a=1&" * 25_000 + b"\n" + b"1" * 100_000
    yield "model", "a long number", b'{"name":' + b"9" * 100_000
    for target in ("score", "alert", "control", "feedback", "model"):
        yield target, "lists in lists", b'{"a":' + b"[" * 100_000
