"""What the course has come to: every stage counted, every ruleset verified, both ways judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from risk.cli.demonstration.learning import recall, rulesets
from risk.cli.demonstration.learning.course import NEW
from risk.cli.demonstration.learning.recall import Judged, Told
from risk.cli.demonstration.learning.stage import Stage
from risk.cli.demonstration.learning.summary import Learning, StageSummary
from risk.cli.demonstration.summary import disagreements, store_counts
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.messages import MODEL_FILE_DIGITS, Label, Score
from risk.kafka.scan import read_all
from risk.registry import models
from risk.verify.quality.budgets import BUDGETS
from risk.verify.verification import verify
from risk.waiting import until
from sinks import registry

CATCH_UP_S: Final = 120.0  # for corrections, and for the stores
WANTED: Final = ("shadow", "production")  # what the model is, stage by stage
BUDGET: Final = 0.005  # the false-positive rate at which finding is compared

Say = Callable[[str], None]
Labels = Mapping[tuple[str, str], Label]


class Outcome(NamedTuple):
    """What `Learned` says of it, by its names."""

    stages: list[StageSummary]
    statuses: list[str]
    told: Told
    judged: Judged
    disagreements: list[str]


def conclude(
    settings: Settings, stages: Sequence[Stage], learning: Learning, statuses: list[str], say: Say
) -> Outcome:
    """Verify and judge. Raises `UserError` and `Unavailable`."""
    stores = registry.names()
    reports = []
    for stage in stages:
        reports.append(verify(settings, stage.chosen.ruleset, stores, CATCH_UP_S))
        found = reports[-1]
        say(f"{stage.chosen.tag}: {found.scored:,} scored, {found.mismatches:,} mismatches")
    until(lambda: not any(stage.tail.behind() for stage in stages), CATCH_UP_S, 0.1)
    counted, wrong = [], []
    for stage, report in zip(stages, reports, strict=True):
        tally = stage.tail.tally
        counts = tally.counts()
        held = store_counts(settings, stores, stage.chosen.key, tally)
        found_wrong = disagreements(stage.sent, counts, held, tally, report)
        wrong += [f"{stage.name}: {line}" for line in found_wrong]
        corrected = sum(emitted.revision > 0 for _, _, emitted in tally.settled())
        counted.append(
            StageSummary(
                name=stage.name,
                ruleset=stage.chosen.tag,
                sent=stage.sent,
                corrected=corrected,
                stores=held,
                mismatches=report.mismatches,
                **counts._asdict(),
            )
        )
    _, shadow, live = stages
    scores = _settled(settings, [shadow, live])
    labels = [stage.tail.tally.labels for stage in (shadow, live)]
    told = recall.told(scores[shadow.name], labels[0], rulesets.NAME, learning.threshold, NEW)
    judged = recall.judge(scores[live.name], labels[1], rulesets.RULE, live.chosen.ruleset)
    wrong += _wrong_models([*scores[shadow.name], *scores[live.name]], learning.sha256)
    wrong += _wrong_statuses(statuses) + no_better(judged)
    return Outcome(counted, statuses, told, judged, wrong)


def status_of(settings: Settings, sha256: str) -> str:
    """What Postgres says that the model is. Raises `Unavailable`."""
    found = {one.sha256: one.status for one in models.registered(settings, rulesets.NAME)}
    return found.get(sha256, "unknown")


def no_better(judged: Judged) -> list[str]:
    """Why the model was not worth it, in words."""
    at = BUDGETS.index(BUDGET)
    before, after = (one.attacks.get(NEW) for one in (judged.without, judged.decided))
    if before is None or after is None:
        return [f"no payment of {NEW} came after the model was asked: let it run for longer"]
    shares = before.at_budgets[at], after.at_budgets[at]
    if shares[1] > shares[0]:
        return []
    return [f"of {NEW} the model finds no more: {shares[1]:.1%} instead of {shares[0]:.1%}"]


def _wrong_statuses(statuses: Sequence[str]) -> list[str]:
    return [
        f"Postgres says that the model is {found}, but it is {wanted}"
        for found, wanted in zip(statuses, WANTED, strict=True)
        if found != wanted
    ]


def _wrong_models(scores: Sequence[Score], sha256: str) -> list[str]:
    """Scores that don't name the model's file."""
    mark = sha256[:MODEL_FILE_DIGITS]
    count = sum(_file(one) != mark for one in scores)
    return [f"{count:,} scores don't say that file {mark} has told them"] if count else []


def _file(score: Score) -> str:
    told = score.models.get(rulesets.NAME) if score.models is not msgspec.UNSET else None
    return str(told.file) if told else ""


def _settled(settings: Settings, stages: Sequence[Stage]) -> dict[str, list[Score]]:
    """The settled scores of each stage's payments, by the stage's name."""
    names = {stage.chosen.key: stage.name for stage in stages}
    own = {stage.name: {key for key, _, _ in stage.tail.tally.settled()} for stage in stages}
    latest: defaultdict[str, dict[tuple[str, str, int], Score]] = defaultdict(dict)
    for one in _scores(settings):
        name = names.get((one.ruleset, one.ruleset_version))
        key = one.event_id, one.user_id, one.event_time
        if name is None or one.late or key not in own[name]:
            continue
        known = latest[name].get(key)
        if known is None or one.revision > known.revision:
            latest[name][key] = one
    return {name: list(latest[name].values()) for name in own}


def _scores(settings: Settings) -> Iterator[Score]:
    decode = decoder(Score)
    for message in read_all(settings, settings.topics.scores):
        yield decode(message.value() or b"")
