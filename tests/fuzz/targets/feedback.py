"""A record of risk.feedback."""

from __future__ import annotations

from risk.engine.feedback import Feedback, Logged, current_verdict, decode, encode
from tests.fuzz.target import Target

MESSAGE = (
    b'{"schema_version":1,"event_id":"e1","user_id":"u1","event_time":1740830400000,'
    b'"verdict":"fraud","source":"analyst","known_at":1740830400001,"by":"ann","note":"seen"}'
)


def once(data: bytes) -> None:
    """The key is what stands before a NUL; without one it is right."""
    key, nul, raw = data.partition(b"\0")
    try:
        said = decode(raw if nul else data, key if nul else None)
    except ValueError as error:
        str(error).encode()
        if nul or "the Kafka key" not in str(error):
            raise
        import json

        user = json.loads(data)["user_id"]
        said = decode(data, user.encode())
    again = decode(encode(said), said.user_id.encode())
    assert again == said
    assert again.key == said.key
    assert current_verdict([Logged(said, 1, 0, 0), Logged(again, 2, 0, 1)]) is not None


SEEDS = (MESSAGE, b"u1\0" + MESSAGE, MESSAGE.replace(b"1740830400000", b"1.7408304e12"))
WORDS = (*Feedback.__struct_fields__, "fraud", "legitimate", "chargeback", "import", "1e3")
TARGET = Target("feedback", once, (ValueError,), SEEDS, WORDS, "json")
