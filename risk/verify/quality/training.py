"""Trains a model on a training set, and judges it on the days that were held out.

Everything in it is determined by the set, the plan and the versions of the libraries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from risk.engine.features.catalogue import DAY
from risk.engine.models.format import MAX_INPUTS, ModelFile, encode
from risk.engine.models.inputs import Offered
from risk.engine.rules import Ruleset
from risk.engine.rules.errors import did_you_mean
from risk.engine.rules.modelfile import offered_by
from risk.errors import UserError
from risk.ops.files import replace
from risk.ops.models.sets.manifest import SetInput
from risk.ops.models.sets.training_set import TrainingSet
from risk.ops.models.train import Rows, libraries, train
from risk.verify.quality import rates
from risk.verify.quality.card import Card, Payments, TrainedOn, beside, digest, write_card
from risk.verify.quality.evaluation import Asked, Evaluation, evaluate, part_of
from risk.verify.quality.holdout import Parts, split, split_at, trial
from risk.verify.quality.model_scores import Loaded, scores
from risk.verify.quality.resamples import Histograms, histograms

USUAL_FIELDS = ("amount", "hour_utc", "weekday_utc")  # amount_major says the same as amount
Trainer = Callable[[str, str, Rows, int], ModelFile]
Say = Callable[[str], None]


class Plan(NamedTuple):
    """What is trained: a model's name, its kind, the seed, and the share of days held out.

    `inputs` are names; with none, it is all features and the usual fields. Instead of days, the
    held-out part is counted in periods of that many ms. `cut` is when what is held out begins
    (ms UTC), in place of its share.
    """

    name: str
    kind: str
    seed: int = 7
    holdout: float = 0.25
    inputs: tuple[str, ...] = ()
    cut: int | None = None
    period: int = DAY


class Result(NamedTuple):
    """A model's file, its card, and what it is worth on the held-out days.

    `trial` is what candidates are chosen by: the average precision on the last of the days to learn
    from, of a model without these. None where there are too few.
    """

    loaded: Loaded
    card: Card
    evaluation: Evaluation
    trial: float | None = None


def train_on(
    found: TrainingSet,
    plan: Plan,
    out: Path,
    ruleset: Ruleset | None = None,
    say: Say = lambda _: None,
    trainer: Trainer = train,
    versions: Callable[[], dict[str, str]] = libraries,
) -> Result:
    """Train and judge; `write` writes what comes of it.

    With a `ruleset` the model looks at nothing that this lacks. Raises `UserError`.
    """
    told = versions()
    inputs = choose_inputs(found, plan.inputs, ruleset, say)
    if plan.cut is None:
        parts = split(found, plan.holdout, plan.period)
    else:
        parts = split_at(found, plan.cut, plan.period)
    held = parts.held_out

    def fit(part: TrainingSet) -> Loaded:
        say(f"training {plan.kind} on {len(part.fraud):,} payments, {part.fraud.sum():,} fraud")
        rows = Rows([one.column for one in inputs], part.values(inputs), part.fraud, part.weights)
        file = trainer(plan.name, plan.kind, rows, plan.seed)
        return Loaded(out, encode(file), file)

    loaded, threshold, tried = _fitted(parts.learnt, plan, fit, say)
    asked = Asked(threshold=threshold, seed=plan.seed)
    say(f"judging it on {len(held.fraud):,} payments held out, {held.fraud.sum():,} fraud")
    judged = evaluate(plan.name, loaded.file.kind, held, scores(loaded, held), asked, "card")
    return Result(loaded, _card(found, plan, parts, loaded, judged, told), judged, tried)


def _fitted(
    learnt: TrainingSet, plan: Plan, fit: Callable[[TrainingSet], Loaded], say: Say
) -> tuple[Loaded, int, float | None]:
    """The model, the score with the highest F1 on the last of the days to learn from, and how well
    a model ranks these.

    That is chosen by a model without these days: of what it has learnt from, a model is surer than
    of any other payment. Only where there are too few days, it is chosen there all the same.
    """
    apart = trial(learnt, plan.holdout, plan.period)
    if apart is None:
        say("too few days or frauds to choose the threshold on days of their own")
        loaded = fit(learnt)
        return loaded, rates.best_threshold(_seen(loaded, learnt, plan)), None
    earlier, later = apart
    seen = _seen(fit(earlier), later, plan)
    found = rates.best_threshold(seen)
    say(f"flagging from {found} on has the highest F1 on the {len(later.fraud):,} payments after")
    return fit(learnt), found, float(rates.average_precision(seen)[0])


def _seen(loaded: Loaded, part: TrainingSet, plan: Plan) -> Histograms:
    (seen,) = histograms([part_of(part, scores(loaded, part))], 0, plan.seed)
    return seen


def write(result: Result) -> None:
    """The model's file and its card. Raises `UserError`."""
    path = result.loaded.path
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(f"{path.parent}: {error.strerror}") from None
    replace(beside(path), write_card(result.card).encode())  # of no other file does it count
    replace(path, result.loaded.text.encode())


def choose_inputs(
    found: TrainingSet, names: Sequence[str], ruleset: Ruleset | None, say: Say
) -> list[SetInput]:
    """What the model looks at. Raises `UserError` for a name that the set or the ruleset lacks."""
    known = {one.column.input.name: one for one in found.manifest.inputs}
    for name in names:
        if name not in known:
            raise UserError(
                f"--inputs {name}: {found.path} doesn't have it{did_you_mean(name, list(known))}"
            )
    chosen = [
        one
        for name, one in known.items()
        if name in names or (not names and (one.feature or one.field in USUAL_FIELDS))
    ]
    if ruleset is not None:
        offered = offered_by(ruleset.features)
        lacking = [one.feature for one in chosen if one.feature and not _offers(offered, one)]
        if lacking and names:
            raise UserError(
                f"--inputs {lacking[0]}: {ruleset.name} has no such feature, or means something "
                f"else by it than {found.manifest.tag}, whose scores the set is of"
            )
        if lacking:
            say(f"left out, for {ruleset.name} doesn't have them: {', '.join(lacking)}")
        chosen = [one for one in chosen if one.feature not in lacking or not one.feature]
    if not 0 < len(chosen) <= MAX_INPUTS:
        raise UserError(f"{len(chosen)} inputs: a model has from 1 to {MAX_INPUTS}: use --inputs")
    return chosen


def _offers(offered: dict[str, Offered], one: SetInput) -> bool:
    return offered.get(one.feature) == Offered(one.type, one.digest)


def _card(
    found: TrainingSet,
    plan: Plan,
    parts: Parts,
    loaded: Loaded,
    judged: Evaluation,
    versions: dict[str, str],
) -> Card:
    manifest = found.manifest
    return Card(
        model=plan.name,
        kind=plan.kind,
        model_sha256=digest(loaded.text),
        seed=plan.seed,
        threshold=judged.threshold,
        cut=parts.cut,
        set=TrainedOn(
            manifest.sha256,
            manifest.tag,
            manifest.fingerprint,
            manifest.terms,
            manifest.scores,
            manifest.feedback,
        ),
        learnt=_payments(parts.learnt),
        held_out=_payments(parts.held_out),
        omitted=parts.omitted,
        libraries=versions,
        inputs=[one.name for one in loaded.file.inputs],
        figures=judged.figures,
        card_precision_100=judged.card_precision_100,
        resamples=judged.resamples,
        control=manifest.counts.control,
    )


def _payments(part: TrainingSet) -> Payments:
    times = part.event_time
    blocked = (part.texts["decision"] == "BLOCK") & (part.known_at < 0)
    frauds = int(part.fraud.sum())
    return Payments(int(times[0]), int(times[-1]), len(times), frauds, int(blocked.sum()))
