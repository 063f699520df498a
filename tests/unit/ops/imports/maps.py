"""Maps for the tests of imports, and rows of payments that nobody made."""

from __future__ import annotations

PAYMENTS = """\
payments:
  event_id: {column: id, prefix: p-}
  user_id: who
  event_time: {column: when, time: iso, zone: UTC}
  amount: {column: euros, unit: major}
  currency: {constant: EUR}
  merchant_id: {column: shop, default: nowhere}
  merchant_category: {column: mcc, default: "5999"}
  channel: {column: how, values: {POS: pos, ECOM: web}, other: app}
  country: {constant: DE}
  ip: {constant: 192.0.2.1}
  device_id: {constant: none}
  card_token: {column: who, prefix: tok-}
"""
LABELS = """\
labels:
  verdict: {column: fraud, fraud: [1, yes!], legitimate: [0], unknown: ["?"]}
  known_at: {after: 7d}
"""
HEADER = "id,who,when,euros,shop,mcc,how,fraud,extra"
ROWS = (
    "1,ann,2025-03-01T10:00:00,12.34,shop-1,742,POS,0,x",
    "2,bob,2025-03-01T10:00:05,5,,,ECOM,1,",
    "3,ann,2025-03-01T10:00:05,0.99,shop-2,5411,phone,?,z",
)
CSV = "\n".join((HEADER, *ROWS, ""))
