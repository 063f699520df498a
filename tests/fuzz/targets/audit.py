"""A query of `risk audit`, and what Elasticsearch is asked for it."""

from __future__ import annotations

import msgspec

from risk.audit.elastic import to_elastic
from risk.audit.language import explain, lone_id, parse
from risk.audit.query import NUMBERS, TEXTS
from risk.engine.rules.errors import Fault
from tests.fuzz.target import Target, as_argument

NOW = 1_740_830_400_000


def once(data: bytes) -> None:
    """Faults can be shown, and what is none can be asked."""
    text = as_argument(data)
    lone_id([text])
    try:
        query = parse(text)
    except Fault as fault:
        explain(text, fault)
        assert 0 <= fault.start <= fault.end
        raise
    asked = to_elastic(query, NOW)
    try:
        msgspec.json.encode(asked)
    except UnicodeEncodeError:
        assert max(text) >= "\udc80", "half of a pair that the terminal didn't give"


SEEDS = (
    b"user:u1 decision:block,review score>=70 -rule:card_* last 24h",
    b"ip:192.0.2.0/24 and amount<1000 from 2025-03-01 to 2025-03-02T10:00",
    b'attribute.payee:"a \\"b\\"" late:true run:x revision=1 channel:WEB country:de',
)
WORDS = (
    *(f"{name}:" for name in TEXTS),
    *(f"{name}>=" for name in NUMBERS),
    *(
        "last",
        "from",
        "to",
        "and",
        "or",
        "attribute.",
        '"',
        "\\",
        "*",
        "-",
        ",",
        "::/0",
        "1w",
        "9999-12-31",
    ),
    *("0001-01-01T00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "999999999w"),
)
TARGET = Target("audit", once, (Fault,), SEEDS, WORDS, "text", 4_000)
