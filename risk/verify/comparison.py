"""What stands in topics and stores against what has to: each mismatch as a line of words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from risk.engine.decoding import decoder
from risk.engine.messages import Alert, Late, Score, masked
from risk.engine.oracle import Expected, Judged, Settled
from risk.engine.oracle.expected import EventKey
from risk.engine.rules import Ruleset
from risk.verify.fields import different, fields_of
from risk.verify.histories import Histories
from risk.verify.replays import Replays
from risk.verify.takeovers import Owners

Position = tuple[int, int]
Emitted = tuple[EventKey, int, bool]  # of which payment, which revision, and whether as late


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

    `flagged` are those that were ever REVIEW or BLOCK while they were live, `allowed` those that
    were ever ALLOW: after a crash a first decision may be told again, on what is known by then.
    `late` are the events that were decided as late, `live` those that were live under the ruleset,
    `elsewhere` those that were under another, `superseded` those of which another's was the last
    live one. `unjudged` differ, and may: their run was to read less than the oracle has.
    `replayed` has what was right by what a replay had read, where more has come since.
    """

    revisions: dict[EventKey, int] = msgspec.field(default_factory=dict)
    flagged: set[Emitted] = msgspec.field(default_factory=set)
    allowed: set[Emitted] = msgspec.field(default_factory=set)
    late: set[EventKey] = msgspec.field(default_factory=set)
    live: set[EventKey] = msgspec.field(default_factory=set)
    elsewhere: set[EventKey] = msgspec.field(default_factory=set)
    superseded: set[EventKey] = msgspec.field(default_factory=set)
    unjudged: set[EventKey] = msgspec.field(default_factory=set)
    replayed: dict[EventKey, Settled] = msgspec.field(default_factory=dict)

    def covers(self, key: EventKey, demanded: Collection[EventKey], late: bool = False) -> bool:
        """Whether the ruleset has to have scored an event: nothing live may be left out."""
        by_revision = self.late if late else self.revisions
        return key in by_revision or key in demanded or key not in self.elsewhere


def scores(
    lines: Iterable[Line],
    want: Expected,
    ruleset: Ruleset,
    demanded: Collection[EventKey] = (),
    run_id: str | None = None,
    owners: Owners | None = None,
    histories: Histories | None = None,
    replays: Replays | None = None,
) -> Scores:
    """risk.scores: every scored event once, and at most once more, corrected; every late one once.

    What was live under another ruleset isn't missed, unless it is `demanded`. With `run_id` only
    that run's records are looked at. `owners` say which run had to decide, `histories` what each
    knew of the past, `replays` what those said that have read less than there is by now.
    """
    found, histories = Scores(), histories or Histories()
    decode = decoder(Score)
    by_revision: defaultdict[tuple[EventKey, bool], dict[int, list[bytes]]] = defaultdict(dict)
    for line in lines:
        score = _decoded(decode, line, "risk.scores", found)
        if score is None or (run_id is not None and score.run_id != run_id):
            continue
        key = score.event_id, score.user_id, score.event_time
        if owners is not None and (why := owners.wrong(score, want)):
            found.problems.append(f"risk.scores: {_name(key)} {why}")
        if _other(score, ruleset):
            if score.kind == "live":
                found.elsewhere.add(key)
                found.superseded.add(key)
            continue
        if told_wrong := histories.wrong(score, ruleset):
            found.problems.append(f"risk.scores: {_name(key)}: {told_wrong}")
        if score.kind == "live":
            found.live.add(key)
            found.superseded.discard(key)
            told = found.allowed if score.decision == "ALLOW" else found.flagged
            told.add((key, score.revision, score.late))
        earlier = by_revision[key, score.late].setdefault(score.revision, [])
        found.repeated += bool(earlier)
        earlier.append(line.value or b"")
    for (key, late), revisions in by_revision.items():
        settled = max(revisions)
        if late:
            found.late.add(key)
        else:
            found.revisions[key] = settled
        wanted = (want.late_scores if late else want.scores).get(key)
        if wanted is None:
            how = "decided as late" if late else "scored"
            found.problems.append(f"risk.scores: {_name(key)} must not have been {how}")
            continue
        if not set(revisions) <= ({0} if late else {0, 1}) or 0 not in revisions:
            found.problems.append(f"risk.scores: {_name(key)} has revisions {sorted(revisions)}")
        final = decode(revisions[settled][-1])
        if settled and all(decode(v).features == final.features for v in revisions.get(0, ())):
            found.problems.append(f"risk.scores: {_name(key)} was corrected without a change")
        wrong = different(fields_of(final), _wanted(wanted, ruleset))
        if wrong and replays and (own := replays.settled(final)) and key not in found.live:
            wrong = different(fields_of(final), _wanted(own, ruleset))
            found.replayed[key] = own
        if wrong and histories.shorter(final, ruleset, want.oldest):
            found.unjudged.add(key)
        elif wrong:
            found.problems.append(f"risk.scores: {_name(key)}: {wrong}")
    for late, events in ((False, want.scores), (True, want.late_scores)):
        absent = (
            k for k in events if found.covers(k, demanded, late) and (k, late) not in by_revision
        )
        found.problems += [f"risk.scores: {_name(key)} is missing" for key in absent]
    return found


def alerts(lines: Iterable[Line], want: Expected, ruleset: Ruleset, known: Scores) -> Topic:
    """risk.alerts: one for each flagged score, and none besides.

    None has to be there of a score that was told again as ALLOW: a crash may have come between the
    topics.
    """
    found = Topic()
    decode = decoder(Alert)
    raised: dict[Emitted, Alert] = {}
    for line in lines:
        alert = _decoded(decode, line, "risk.alerts", found)
        if alert is None or _other(alert, ruleset):
            continue
        key = alert.event_id or alert.alert_id, alert.user_id, alert.event_time
        position = key, alert.revision, alert.late
        if position not in known.flagged:
            found.problems.append(f"risk.alerts: {_name(key)} was not flagged")
        found.repeated += position in raised
        raised[position] = alert
    for key, revision, late in known.flagged:
        last = raised.get((key, revision, late))
        events = want.late_scores if late else want.scores
        if last is None and (key, revision, late) in known.allowed:
            continue
        if last is None:
            found.problems.append(f"risk.alerts: none for {_name(key)} revision {revision}")
        elif key in events and (late or known.revisions[key] == revision):
            wanted = _wanted(events[key], ruleset)
            del wanted["features"], wanted["fingerprint"], wanted["models"]
            del wanted["control_group"]
            wrong = different(fields_of(last), wanted)
            if wrong and key not in known.unjudged:
                found.problems.append(f"risk.alerts: {_name(key)}: {wrong}")
    return found


def late(lines: Iterable[Line], want: Expected) -> Topic:
    """risk.late: every late event with how late it was."""
    found = Topic()
    decode = decoder(Late)
    wanted = by_place(want.late)
    seen: set[Position] = set()
    for line in lines:
        message = _decoded(decode, line, "risk.late", found)
        if message is None:
            continue
        position = message.partition, message.offset
        found.repeated += position in seen
        seen.add(position)
        judged = wanted.get(position)
        if judged is None or judged.txn is None:
            found.problems.append(f"risk.late: {message.event_id} at {position} is not late")
            continue
        txn = judged.txn
        wrong = different(
            fields_of(message),
            {
                "event_id": txn.event_id,
                "user_id": txn.user_id,
                "event_time": txn.event_time,
                "late_by": judged.late_by,
                "transaction": masked(txn, want.declared),
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
        "models": settled.outcome.models,
        "control_group": settled.outcome.control_group,
        "fingerprint": ruleset.fingerprint,
        "transaction": masked(settled.txn, ruleset.declared),
        "late": settled.late,
    }


def _decoded(decode: Any, line: Line, topic: str, found: Topic) -> Any:
    """The message of a record; None, and noted, if it is none or has another's key."""
    if line.value is None:  # a tombstone says nothing: the deliveries pass it over, too
        return None
    try:
        message = decode(line.value)
    except msgspec.DecodeError as error:
        found.problems.append(f"{topic}: not a message: {error}")
        return None
    if line.key != message.user_id.encode():
        found.problems.append(f"{topic}: key {line.key!r} is not user_id {message.user_id}")
    return message


def _other(message: Score | Alert, ruleset: Ruleset) -> bool:
    return (message.ruleset, message.ruleset_version) != (ruleset.name, ruleset.version)


def by_place(judged: Iterable[Judged]) -> dict[Position, Judged]:
    """Records by partition and offset."""
    return {(one.record.partition, one.record.offset): one for one in judged}


def _name(key: EventKey) -> str:
    return f"event {key[0]} of user {key[1]}"
