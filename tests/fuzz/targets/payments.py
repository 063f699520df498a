"""Payments for other targets, as JSON: one as most are, and such as are seldom seen."""

from __future__ import annotations

import json
from typing import Any, Final

START: Final = 1_740_830_400_000
WHOLE: Final[dict[str, Any]] = {
    "schema_version": 1,
    "event_id": "e1",
    "user_id": "u1",
    "event_time": START,
    "amount": 1_234,
    "currency": "EUR",
    "merchant_id": "m:1",
    "merchant_category": "5411",
    "channel": "web",
    "country": "DE",
    "ip": "192.0.2.1",
    "device_id": "d1",
    "card_token": "tok_000000001234",
    "lat": 52.5,
    "lon": 13.4,
    "source": "shop",
}
SMALL: Final = {
    name: WHOLE[name] for name in ("event_id", "user_id", "event_time", "amount", "currency")
}
OPEN: Final = SMALL | {
    "a_int": 1,
    "a_float": 0.5,
    "a_bool": True,
    "a_str": "x",
    "ref": "4111 1111 1111 1111",
    "inner": {"a": [1, None, {"b": "\0"}], "c": 10**25},
    "ip": "2001:DB8::1",
}
SEEDS: Final = tuple(json.dumps(one).encode() for one in (WHOLE, SMALL, OPEN))
WORDS: Final = (
    *WHOLE,
    *OPEN,
    *(
        '"amount":1e3',
        '"amount":100.0',
        '"lat":null,"lon":null',
        '"a\\u0062":1',
        "4111111111111111",
    ),
    *("::ffff:1.2.3.4", "2001:db8::", "0:0:0:0:0:0:0:1", "01.2.3.4", "4111-1111-1111-1111"),
)
