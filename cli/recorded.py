"""What the engine has recorded because the log of payments doesn't show it."""

from __future__ import annotations

import msgspec

from cli.comparison import ERRORS
from cli.topics import read_all
from risk.messages import Late
from risk.oracle import Recorded
from risk.settings import Settings

INTERNAL_ERROR = b"internal_error"


def recorded(settings: Settings) -> Recorded:
    """From risk.late the payments whose partition had been silent; from risk.dlq the failures.

    Raises `UserError` if the broker can't be asked.
    """
    decode = msgspec.json.Decoder(Late).decode
    late: dict[tuple[int, int], int] = {}
    for message in read_all(settings, settings.topics.late):
        try:
            found = decode(message.value() or b"")
        except msgspec.MsgspecError:
            continue  # the comparison of the topic will say so
        if found.behind == "frontier":
            late[found.partition, found.offset] = found.late_by
    failed = set()
    for message in read_all(settings, settings.topics.dlq):
        headers = dict(message.headers() or ())
        ours = headers.get(ERRORS + "topic") == settings.topics.transactions.encode()
        if ours and headers.get(ERRORS + "exception.class.name") == INTERNAL_ERROR:
            place = headers[ERRORS + "partition"], headers[ERRORS + "offset"]
            failed.add((int(place[0]), int(place[1])))
    return Recorded(late, failed)
