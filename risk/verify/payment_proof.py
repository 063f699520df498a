"""Whether one stored score is right: computed again by the oracle from the log of payments."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec

from risk.config.settings import Settings
from risk.engine.oracle.one import settled, sharing
from risk.engine.oracle.outcomes import Consumed, Judged, outcomes
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.verify.explained.again import Stored, transaction
from risk.verify.fields import different
from risk.verify.recorded import told_alone
from risk.verify.wanted import consumed, feedback, gone_from
from sinks.found import Scored

LONGEST_S: Final = 120.0
MOST_SHARING: Final = 200_000  # payments that share something with the one: they are held in memory
TELL_EVERY: Final = 1_000
Tell = Callable[[int], None]


class Proof(msgspec.Struct, frozen=True):
    """What came of it. `equal` only if score, decision, reasons and features all agree.

    `differences` are in words. `records` were read, and `sharing` of them have something in common
    with the payment. `incomplete`: the log doesn't begin with the first payment any more, or the
    score's run had not read all of it, so a difference says nothing.
    """

    equal: bool
    score: int
    decision: str
    differences: str
    records: int
    sharing: int
    incomplete: bool


def prove(
    settings: Settings, ruleset: Ruleset, stored: Stored, said: Scored, tell: Tell = lambda _: None
) -> Proof:
    """Compute it again, and compare it with what the store says. `tell` hears how many are read.

    Raises `UserError` if the log can't be read, takes too long, or doesn't have the payment.
    """
    until = time.monotonic() + LONGEST_S
    told = told_alone(settings)
    shares = sharing(transaction(stored), ruleset)
    kept: list[Judged] = []
    read = 0

    def records() -> Iterator[Consumed]:
        nonlocal read
        for record in consumed(settings, told.failed):
            read += 1
            if read % TELL_EVERY == 0:
                tell(read)
                if time.monotonic() > until:
                    raise UserError(
                        f"{read:,} payments read in {LONGEST_S:.0f} s, and more to come: "
                        "`risk verify` takes its time"
                    )
            yield record

    for judged in outcomes(records(), settings.scoring, told.late, ruleset.contract):
        if judged.txn is not None and shares(judged.txn):
            if len(kept) >= MOST_SHARING:
                raise UserError(f"more than {MOST_SHARING:,} payments share something with it")
            kept.append(judged)
    tell(read)
    wanted = stored.event_id, stored.user_id, stored.event_time
    verdicts = feedback(settings, told) if any(one.of_verdicts for one in ruleset.features) else ()
    found = settled(kept, wanted, ruleset, settings.scoring, verdicts)
    incomplete = bool(said.since) or bool(gone_from(settings))
    if found is None:
        raise UserError("the log of payments doesn't have this one any more")
    outcome = found.outcome
    # Reasons may name an address or a device, which not everyone may see: only whether they agree.
    texts = [one.text for one in outcome.reasons]
    should = {
        "score": outcome.score,
        "decision": outcome.decision,
        "reasons": [[one.rule, one.version, one.points] for one in outcome.reasons],
        "same_texts": True,
        "features": dict(found.features),
        "late": found.late,
    }
    held = {
        "score": said.score,
        "decision": said.decision,
        "reasons": [[one["rule"], one["version"], one["points"]] for one in said.reasons],
        "same_texts": [one["text"] for one in said.reasons] == texts,
        "features": _typed(said.features, found.features),
        "late": said.late,
    }
    wrong = different(held, should)
    return Proof(not wrong, outcome.score, outcome.decision, wrong, read, len(kept), incomplete)


def _typed(features: Mapping[str, object], like: Mapping[str, object]) -> dict[str, object]:
    """JSON has one kind of number: a fraction that is whole is told from an integer by its name."""
    return {
        name: float(value)
        if isinstance(like.get(name), float) and isinstance(value, int) and value is not True
        else value
        for name, value in features.items()
    }
