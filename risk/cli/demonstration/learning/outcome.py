"""What the course has come to: every stage counted, every ruleset verified, both ways judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from risk.cli.demonstration.learning import recall, rulesets
from risk.cli.demonstration.learning.compared import compare
from risk.cli.demonstration.learning.course import NEW
from risk.cli.demonstration.learning.recall import Judged, Told
from risk.cli.demonstration.learning.stage import Stage
from risk.cli.demonstration.learning.summary import Learning, StageSummary
from risk.cli.demonstration.summary import disagreements
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.messages import MODEL_FILE_DIGITS, Label, Score
from risk.kafka.scan import read_all
from risk.registry import models
from risk.verify.quality.budgets import BUDGETS

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
    settings: Settings,
    stages: Sequence[Stage],
    sent: int,
    learning: Learning,
    statuses: list[str],
    say: Say,
) -> Outcome:
    """Verify and judge; `sent` records were acknowledged. Raises `UserError` and `Unavailable`."""
    counted, wrong = [], wrong_sum(sent, [stage.sent for stage in stages])
    for stage, found in zip(stages, compare(settings, stages, say), strict=True):
        tally = stage.tail.tally
        counts = tally.counts()
        found_wrong = disagreements(stage.sent, counts, found.held, tally, found.report)
        wrong += [f"{stage.name}: {line}" for line in found_wrong]
        corrected = sum(emitted.revision > 0 for _, _, emitted in tally.settled())
        counted.append(
            StageSummary(
                name=stage.name,
                ruleset=stage.chosen.tag,
                sent=stage.sent,
                corrected=corrected,
                stores=found.held,
                mismatches=found.report.mismatches,
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


def wrong_sum(sent: int, by_stage: Sequence[int]) -> list[str]:
    """Whether a record is in no stage or in two, in words: one flows on into the next."""
    if (found := sum(by_stage)) != sent:
        return [f"{sent:,} records were acknowledged, and the stages have {found:,} in all"]
    return []


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
