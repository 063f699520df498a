"""What stands in risk.dlq against what has to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from flink_jobs.letters import CONNECT, FAILED, INTERNAL_ERROR
from risk.engine.oracle import Expected
from risk.engine.payment.redaction import redact
from risk.verify.comparison import Line, Position, Topic, by_place
from risk.verify.fields import different

_HEADERS = ("topic", "partition", "offset", "stage", "exception.class.name")


def dlq(
    lines: Iterable[Line], want: Expected, topic: str, left: Mapping[int, int] | None = None
) -> Topic:
    """risk.dlq: every rejected record of `topic` with the reason; in its bytes cards are masked.

    `left` has the first offset that the topic still has, of partitions that have lost some.
    """
    found = Topic()
    wanted = by_place(want.rejected)
    seen: set[Position] = set()
    for line in lines:
        header = {name: line.headers.get(CONNECT + name) or b"" for name in _HEADERS}
        if header["topic"] != topic.encode():
            continue  # another stage's
        try:
            position = int(header["partition"]), int(header["offset"])
        except ValueError:
            found.problems.append("risk.dlq: a record without partition and offset")
            continue
        if left and position[1] < left.get(position[0], 0):
            continue  # nobody can tell any more
        found.repeated += position in seen
        seen.add(position)
        judged = wanted.get(position)
        if judged is None:
            found.problems.append(f"risk.dlq: the record at {position} is not to be rejected")
            continue
        got: dict[str, object] = {
            "reason": header["exception.class.name"].decode(errors="replace"),
            "stage": header["stage"].decode(errors="replace"),
            "key": line.key,
            "value": line.value,
        }
        record = judged.record
        stage = FAILED if judged.reason == INTERNAL_ERROR else "decode"
        told: dict[str, object] = {"reason": judged.reason, "stage": stage}
        for part, sent in (("key", record.key), ("value", record.value)):
            size = line.headers.get(f"risk.{part}.size")
            if size and sent is not None:  # too large to be in the letter
                got[part] = size, line.headers.get(f"risk.{part}.sha256")
                told[part] = str(len(sent)).encode(), hashlib.sha256(sent).hexdigest().encode()
            else:
                told[part] = redact(sent)
        if judged.reason == INTERNAL_ERROR and str(got["stage"]).startswith(FAILED + "."):
            # An operator behind the first has failed: the payment is there as that one had read it.
            told["stage"], told["value"] = got["stage"], got["value"]
        wrong = different(got, told)
        if wrong:
            found.problems.append(f"risk.dlq: the record at {position}: {wrong}")
    found.problems += [f"risk.dlq: the record at {p} is missing" for p in wanted if p not in seen]
    return found
