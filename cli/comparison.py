"""What stands in topics and stores against what has to: each mismatch as a line of words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from cli.fields import different, fields_of
from risk.messages import Alert, Late, Score, masked
from risk.oracle import Expected, Judged, Settled
from risk.oracle.expected import EventKey
from risk.rules import Ruleset

Place = tuple[int, int]


class Line(NamedTuple):
    """A record of an output topic."""

    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes | None] = {}


class Topic(msgspec.Struct):
    """What came of comparing a topic. `repeated`: records that said something once more."""

    problems: list[str] = msgspec.field(default_factory=list)
    repeated: int = 0


class Scores(Topic):
    """The same of risk.scores; `revisions` has the settled revision of each event there.

    `flagged` are the (event, revision) that were ever REVIEW or BLOCK while they were live. `live`
    are the events that were live under the ruleset, `elsewhere` those that were under another.
    """

    revisions: dict[EventKey, int] = msgspec.field(default_factory=dict)
    flagged: set[tuple[EventKey, int]] = msgspec.field(default_factory=set)
    live: set[EventKey] = msgspec.field(default_factory=set)
    elsewhere: set[EventKey] = msgspec.field(default_factory=set)

    def covers(self, key: EventKey, demanded: Collection[EventKey]) -> bool:
        """Whether the ruleset has to have scored an event: nothing live may be left out."""
        return key in self.revisions or key in demanded or key not in self.elsewhere


def scores(
    lines: Iterable[Line],
    want: Expected,
    ruleset: Ruleset,
    demanded: Collection[EventKey] = (),
    run_id: str | None = None,
) -> Scores:
    """risk.scores: every scored event once, and at most once more, corrected.

    What was live under another ruleset isn't missed, unless it is `demanded`. With `run_id` only
    that run's records are looked at.
    """
    found = Scores()
    decode = msgspec.json.Decoder(Score).decode
    said: defaultdict[EventKey, dict[int, list[bytes]]] = defaultdict(dict)
    for line in lines:
        score = _decoded(decode, line, "risk.scores", found)
        if score is None or (run_id is not None and score.run_id != run_id):
            continue
        key = score.event_id, score.user_id, score.event_time
        if _other(score, ruleset):
            if score.kind == "live":
                found.elsewhere.add(key)
            continue
        if score.kind == "live":
            found.live.add(key)
            if score.decision != "ALLOW":
                found.flagged.add((key, score.revision))
        earlier = said[key].setdefault(score.revision, [])
        found.repeated += bool(earlier)
        earlier.append(line.value or b"")
    for key, revisions in said.items():
        settled = max(revisions)
        found.revisions[key] = settled
        if key not in want.scores:
            found.problems.append(f"risk.scores: {_name(key)} must not have been scored")
            continue
        if not set(revisions) <= {0, 1} or 0 not in revisions:
            found.problems.append(f"risk.scores: {_name(key)} has revisions {sorted(revisions)}")
        final = decode(revisions[settled][-1])
        if settled and all(decode(v).features == final.features for v in revisions.get(0, ())):
            found.problems.append(f"risk.scores: {_name(key)} was corrected without a change")
        wrong = different(fields_of(final), _wanted(want.scores[key], ruleset))
        if wrong:
            found.problems.append(f"risk.scores: {_name(key)}: {wrong}")
    covered = (key for key in want.scores if found.covers(key, demanded))
    found.problems += _missing("risk.scores", covered, said)
    return found


def alerts(lines: Iterable[Line], want: Expected, ruleset: Ruleset, known: Scores) -> Topic:
    """risk.alerts: one for each flagged score, and none besides."""
    found = Topic()
    decode = msgspec.json.Decoder(Alert).decode
    raised: dict[tuple[EventKey, int], Alert] = {}
    for line in lines:
        alert = _decoded(decode, line, "risk.alerts", found)
        if alert is None or _other(alert, ruleset):
            continue
        key = alert.event_id, alert.user_id, alert.event_time
        if (key, alert.revision) not in known.flagged:
            found.problems.append(f"risk.alerts: {_name(key)} was not flagged")
        found.repeated += (key, alert.revision) in raised
        raised[key, alert.revision] = alert
    for key, revision in known.flagged:
        last = raised.get((key, revision))
        if last is None:
            found.problems.append(f"risk.alerts: none for {_name(key)} revision {revision}")
        elif key in want.scores and known.revisions[key] == revision:
            wanted = _wanted(want.scores[key], ruleset)
            del wanted["features"], wanted["fingerprint"]
            wrong = different(fields_of(last), wanted)
            if wrong:
                found.problems.append(f"risk.alerts: {_name(key)}: {wrong}")
    return found


def late(lines: Iterable[Line], want: Expected) -> Topic:
    """risk.late: every late event with how late it was."""
    found = Topic()
    decode = msgspec.json.Decoder(Late).decode
    wanted = by_place(want.late)
    seen: set[Place] = set()
    for line in lines:
        message = _decoded(decode, line, "risk.late", found)
        if message is None:
            continue
        place = message.partition, message.offset
        found.repeated += place in seen
        seen.add(place)
        judged = wanted.get(place)
        if judged is None or judged.txn is None:
            found.problems.append(f"risk.late: {message.event_id} at {place} is not late")
            continue
        txn = judged.txn
        wrong = different(
            fields_of(message),
            {
                "event_id": txn.event_id,
                "user_id": txn.user_id,
                "event_time": txn.event_time,
                "late_by": judged.late_by,
                "transaction": masked(txn),
            },
        )
        if wrong:
            found.problems.append(f"risk.late: {txn.event_id}: {wrong}")
    found.problems += [f"risk.late: the record at {p} is missing" for p in wanted if p not in seen]
    return found


def _wanted(settled: Settled, ruleset: Ruleset) -> dict[str, object]:
    return {
        "score": settled.outcome.score,
        "decision": settled.outcome.decision,
        "reasons": settled.outcome.reasons,
        "features": settled.features,
        "fingerprint": ruleset.fingerprint,
        "transaction": masked(settled.txn),
    }


def _decoded(decode: Any, line: Line, topic: str, found: Topic) -> Any:
    """The message of a record; None, and noted, if it is none or has another's key."""
    try:
        message = decode(line.value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        found.problems.append(f"{topic}: not a message: {error}")
        return None
    if line.key != message.user_id.encode():
        found.problems.append(f"{topic}: key {line.key!r} is not user_id {message.user_id}")
    return message


def _other(message: Score | Alert, ruleset: Ruleset) -> bool:
    return (message.ruleset, message.ruleset_version) != (ruleset.name, ruleset.version)


def by_place(judged: Iterable[Judged]) -> dict[Place, Judged]:
    """Records by partition and offset."""
    return {(one.record.partition, one.record.offset): one for one in judged}


def _missing(topic: str, wanted: Iterable[EventKey], found: Collection[EventKey]) -> Iterator[str]:
    return (f"{topic}: {_name(key)} is missing" for key in wanted if key not in found)


def _name(key: EventKey) -> str:
    return f"event {key[0]} of user {key[1]}"
