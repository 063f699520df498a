"""Builds a training set from risk.scores and risk.feedback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.features.catalogue import NAMES
from risk.engine.messages import Score
from risk.engine.models.inputs import FIELDS
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.kafka.feedback_log import logged
from risk.kafka.scan import offsets, read_all
from risk.ops.models.columns import columns_of
from risk.ops.models.sets import file
from risk.ops.models.sets.latest import Latest, Made, ScoreSource
from risk.ops.models.sets.manifest import Manifest, Read, SetInput, beside
from risk.ops.models.sets.rows import by_payment, rows_of
from risk.ops.models.sets.terms import Terms
from risk.ops.models.sets.versions import newest
from risk.ops.rulesets import choose, tag
from risk.stack.process import Home

TOLD = 50_000  # records between two words about progress
Say = Callable[[str], None]


class Request(NamedTuple):
    """What is asked for: a file, the terms, and whose scores: of a run, a ruleset, or the job's.

    With `versions` they are the live ones of all versions of the ruleset, if all of them have the
    same features.
    """

    out: Path
    terms: Terms
    run: str = ""
    ruleset: str = ""
    versions: bool = False


def build(settings: Settings, home: Home, request: Request, say: Say = lambda _: None) -> Manifest:
    """Write the set and its manifest. Raises `UserError`.

    The same topics and the same request give the same bytes. It takes some 3 KB of memory for each
    payment of the range.
    """
    beside(request.out)
    if not request.out.parent.is_dir():
        raise UserError(f"{request.out}: there is no folder {request.out.parent}: make it first")
    named = choose(settings, home, request.ruleset).ruleset if request.ruleset else None
    which = ScoreSource(request.run, named.fingerprint if named else "")
    if named and request.versions:
        which = ScoreSource(name=named.name)
    latest = Latest(which, request.terms)
    scores, unreadable = _take_scores(settings, latest, say)
    if named and not request.versions:
        latest.made()
        ruleset = named
    else:
        ruleset = newest(_ruleset(settings, home, made) for made in latest.all_made())
    inputs = inputs_of(ruleset)
    topic = settings.topics.feedback
    feedback = Read(topic, _named(ends := offsets(settings, topic)))
    said = by_payment(logged(read_all(settings, topic, ends)), latest.held)
    left_out = {
        "late": latest.late,
        "scored_otherwise": latest.others,
        "unreadable_scores": unreadable,
        "feedback_on_others": said.others,
    }
    rows, counts = rows_of(latest.held, said.found, inputs, request.terms, left_out)
    if not rows:
        young = counts.left_out["not_mature"]
        raise UserError(
            f"all {young:,} payments of the range are too young to have an outcome: take earlier "
            "ones, or a shorter --mature"
        )
    say(f"writing {len(rows):,} rows")
    data = file.encoded(rows, inputs)
    manifest = Manifest(
        format=1,
        sha256=file.sha256(data),
        ruleset=ruleset.name,
        ruleset_version=ruleset.version,
        fingerprint=ruleset.fingerprint,
        run=request.run,
        terms=request.terms,
        scores=scores,
        feedback=feedback,
        inputs=inputs,
        counts=counts,
    )
    file.write(request.out, data, manifest)
    return manifest


def inputs_of(ruleset: Ruleset) -> tuple[SetInput, ...]:
    """All that models may look at under a ruleset: fields, the catalogue's features, declared."""
    names = [*FIELDS, *NAMES, *(one.name for one in ruleset.features)]
    return tuple(
        SetInput(type=one.type, **msgspec.structs.asdict(one.input))
        for one in columns_of(ruleset, names)
    )


def _take_scores(settings: Settings, latest: Latest, say: Say) -> tuple[Read, int]:
    """What was read of the topic, and how many of its records are no scores."""
    topic = settings.topics.scores
    ends = offsets(settings, topic)
    total = sum(high - low for low, high in ends.values())
    decode = decoder(Score)
    unreadable = 0
    for number, message in enumerate(read_all(settings, topic, ends), 1):
        if (value := message.value()) is None:  # a tombstone says nothing
            continue
        try:
            score = decode(value)
        except msgspec.MsgspecError:
            unreadable += 1
            continue
        latest.take(score, (message.timestamp()[1], message.partition(), message.offset()))
        if number % TOLD == 0:
            say(f"{number:,} of {total:,} scores read")
    return Read(topic, _named(ends)), unreadable


def _named(ends: dict[int, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    return {str(partition): ends[partition] for partition in sorted(ends)}


def _ruleset(settings: Settings, home: Home, made: Made) -> Ruleset:
    """The ruleset that made the scores. Raises `UserError` if it isn't to be had."""
    name = tag(made.ruleset, made.version)
    found = choose(settings, home, name, "the scores' ruleset").ruleset
    if found.fingerprint != made.fingerprint:
        raise UserError(
            f"the scores were made by a {name} of fingerprint {made.fingerprint[:12]}, the one "
            f"that is there has {found.fingerprint[:12]}: name the folder of theirs by --ruleset"
        )
    return found
