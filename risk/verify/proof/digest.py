"""What was settled, as hashes: one for each event, and one for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from flink_jobs.letters import CONNECT as ERRORS
from risk.engine.messages import Late, Score, masked
from risk.engine.oracle import Expected, Judged
from risk.engine.payment.contract import Kind
from risk.engine.payment.redaction import redact
from risk.engine.rules import Ruleset
from risk.verify.comparison import Line

# (event_id, user_id, event_time, late) of a score, else (partition, offset).
Key = tuple[Any, ...]
Hashes = dict[Key, bytes]

_canonical = msgspec.json.Encoder(order="sorted").encode


class Outputs(NamedTuple):
    """What has to be told apart: settled scores, late events, dead letters."""

    scores: Hashes
    late: Hashes
    rejected: Hashes


def hashed(*content: Any) -> bytes:
    """The hash of values. Equal values give equal hashes, whatever the order of their keys."""
    return sha256(_canonical(content)).digest()


def total(hashes: Mapping[Key, bytes]) -> str:
    """The hash of all, in hex. The order in which they were found doesn't matter."""
    found = sha256()
    for key in sorted(hashes):
        found.update(_canonical(key) + hashes[key])
    return found.hexdigest()


def wanted(expected: Expected, ruleset: Ruleset, most_bytes: int) -> Outputs:
    """What the oracle says. A key or value of more bytes is told by its hash."""

    def told(sent: bytes | None) -> bytes | str | None:
        return sha256(sent).hexdigest() if sent and len(sent) > most_bytes else redact(sent)

    return Outputs(
        {
            (*key, settled.late): hashed(
                settled.outcome.score,
                settled.outcome.decision,
                settled.outcome.reasons,
                settled.features,
                masked(settled.txn, ruleset.declared),
                ruleset.fingerprint,
                *_own(settled.outcome.models),
                *_own(settled.outcome.control_group),
            )
            for decided in (expected.scores, expected.late_scores)
            for key, settled in decided.items()
        },
        {_place(judged): _of_late(judged, expected.declared) for judged in expected.late},
        {
            _place(judged): hashed(
                judged.reason, told(judged.record.key), told(judged.record.value)
            )
            for judged in expected.rejected
        },
    )


def of_score(score: Score) -> bytes:
    """What a score says; not which run said it, or when."""
    return hashed(
        score.score,
        score.decision,
        score.reasons,
        score.features,
        score.transaction,
        score.fingerprint,
        *_own(score.models),
        *_own(score.control_group),
    )


def _own(found: object) -> tuple[object, ...]:
    """Nothing of what a ruleset doesn't have: its hashes are those that they were before."""
    return () if found is msgspec.UNSET else (found,)


def of_late(late: Late) -> tuple[Key, bytes]:
    """A late event's position and what is emitted of it."""
    content = hashed(late.event_id, late.user_id, late.event_time, late.late_by, late.transaction)
    return (late.partition, late.offset), content


def of_dead_letter(line: Line) -> tuple[Key, bytes]:
    """A dead letter's place and what it holds. Raises `ValueError` without a place."""

    def header(name: str) -> str:
        return (line.headers.get(ERRORS + name) or b"").decode(errors="replace")

    def sent(part: str, content: bytes | None) -> bytes | str | None:
        size = line.headers.get(f"risk.{part}.size")
        return (line.headers.get(f"risk.{part}.sha256") or b"").decode() if size else content

    place = int(header("partition")), int(header("offset"))
    reason = header("exception.class.name")
    return place, hashed(reason, sent("key", line.key), sent("value", line.value))


def differences(found: Mapping[Key, bytes], want: Mapping[Key, bytes]) -> Iterable[tuple[Key, str]]:
    """Each key that isn't in both with the same hash, and what is wrong with it."""
    for key in sorted(found.keys() | want.keys()):
        if key not in want:
            yield key, "must not be there"
        elif key not in found:
            yield key, "is missing"
        elif found[key] != want[key]:
            yield key, "differs"


def _place(judged: Judged) -> Key:
    return judged.record.partition, judged.record.offset


def _of_late(judged: Judged, declared: Mapping[str, Kind]) -> bytes:
    txn = judged.txn
    assert txn is not None
    return hashed(txn.event_id, txn.user_id, txn.event_time, judged.late_by, masked(txn, declared))
