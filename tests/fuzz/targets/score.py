"""A message of risk.scores or risk.late, as the deliveries read it and make rows of it."""

from __future__ import annotations

import msgspec

from risk.engine.delivery import decode, weight
from risk.engine.messages import Score
from sinks.elasticsearch.bulk import item
from sinks.elasticsearch.document import document, stored
from sinks.postgres.rows import score_row, transaction_row
from sinks.redis.keys import entry
from tests.contract.messages import late, score
from tests.fuzz.target import Target


def once(data: bytes) -> None:
    """What passes, every store can be given: no NUL, half of a pair or number too large."""
    try:
        message = decode(data)
    except ValueError as error:
        str(error).encode()
        raise
    cells = list(transaction_row(message))
    if isinstance(message, Score):
        weight(message)
        cells += score_row(message)
        one = item(0, "risk-scores", message)
        one.action.decode()
        back = stored(msgspec.json.decode(msgspec.json.encode(document(message))))
        assert back.payment == (message.event_id, message.user_id, message.event_time)
        msgspec.json.encode(entry(message))
    for cell in cells:
        if isinstance(cell, str):
            cell.encode()
            assert "\0" not in cell
        elif isinstance(cell, int):
            assert -(2**63) <= cell < 2**63


SEEDS = tuple(
    msgspec.json.encode(one) for one in (score("e1", points=90), score("e2", points=1), late("l1"))
)
WORDS = (
    *Score.__struct_fields__,
    *(
        "late_by",
        "behind",
        "partition",
        "offset",
        "attributes",
        "undeclared",
        "models",
        "by",
        "file",
    ),
    *("ALLOW", "REVIEW", "BLOCK", "live", "shadow", "replay", "user_count_5m", "control_group"),
    *('"a":"\\u0000"', "\\\\u0000", '"x":1e400', '"propensity":1'),
)
TARGET = Target("score", once, (ValueError,), SEEDS, WORDS, "json")
