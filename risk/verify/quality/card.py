"""A model's card: what it was trained on and what it is worth, beside its file as Markdown.

What programs need stands at its head, as YAML; nothing in it depends on when it was written.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Final

import msgspec

from risk.audit.moments import shown
from risk.engine.messages import MAX_MODEL_SCORE, Time
from risk.errors import UserError
from risk.ops.models.sets.manifest import Read
from risk.ops.models.sets.terms import Terms
from risk.ops.models.sets.weights import Control
from risk.verify.quality.intervals import Interval
from risk.verify.quality.model_scores import Loaded

FENCE: Final = "---\n"
# Short ones: figures of two models and their difference have to fit into 80 columns.
NAMES: Final = {
    "auc_roc": "AUC ROC",
    "average_precision": "average precision",
    "recall_at_fpr_0.001": "recall at 0.1 % FPR",
    "recall_at_fpr_0.005": "recall at 0.5 % FPR",
    "recall_at_fpr_0.01": "recall at 1 % FPR",
    "f1": "F1",
    "precision": "precision",
    "recall": "recall",
    "brier": "Brier score",
}
BLIND: Final = """\
- **Blocked payments have no outcome.** What a ruleset blocked never happened, so nobody says that
  it was fraud: unless a verdict was given all the same, such a payment counts as honest here. The
  model learns least about what the rules are surest of, and its figures are of what they let
  through.
"""
SEEING: Final = """\
- **Of blocked payments a control group tells.** {released:,} that were to be blocked were released,
  and stand for the {not_drawn:,} like them that were not drawn: each counts with 1 over the
  probability of its release. {beyond_caps:,} were beyond the caps of the control group, of which
  only those with a verdict count: of these the model knows little.
"""
LIMITS: Final = """\
- A matured payment without a verdict counts as honest. Fraud that nobody reported is among them.
- The threshold is the one with the highest F1 on the last of the days to learn from, by a model of
  the same kind that learnt from those before; where they are too few, on all that it has learnt
  from, of which it is too sure. `risk model evaluate` says what others cost.
- The figures are of the days after the training and of no other time. What fraudsters do changes.
"""


class TrainedOn(msgspec.Struct, frozen=True):
    """The set, by its hash, what it was asked for, and what was read for it."""

    sha256: str
    ruleset: str
    fingerprint: str
    terms: Terms
    scores: Read
    feedback: Read


class Payments(msgspec.Struct, frozen=True):
    """Some of its payments: the first and the last event time, ms UTC, and how many.

    `blocked` are those of the honest that were blocked: of most nobody knows what they were.
    """

    first: int
    last: int
    payments: int
    frauds: int
    blocked: int


class Card(msgspec.Struct, frozen=True):
    """What programs read. `cut` is when the held-out days begin, in ms UTC.

    `threshold` is the score from which payments are flagged. `omitted` are the payments before the
    cut that were too young then to learn from. `control` are the payments of the whole set that a
    control group had a part in.
    """

    model: str
    kind: str
    model_sha256: str
    seed: int
    threshold: Annotated[int, msgspec.Meta(ge=0, le=MAX_MODEL_SCORE)]
    cut: Time
    set: TrainedOn
    learnt: Payments
    held_out: Payments
    omitted: int
    libraries: dict[str, str]
    inputs: list[str]
    figures: dict[str, Interval]
    card_precision_100: float
    resamples: int
    control: Control | None = None


def beside(model: Path) -> Path:
    """Where the card of a model's file is: rulesets pass over it."""
    return model.with_suffix(".md")


def digest(text: str) -> str:
    """The SHA-256 of a model's file, as rulesets have it."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_card(loaded: Loaded, place: Path | None = None) -> Card | None:
    """The card of a model's file, which is beside it or at a `place`.

    None if there is none, or if it is of another file. Raises `UserError` for one that can't be
    read.
    """
    path = place or beside(loaded.path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UserError(f"{path}: the model's card can't be read: {why}") from None
    parts = text.split(FENCE, 2)
    if len(parts) < 3 or parts[0]:
        return None  # somebody's own notes
    try:
        found = msgspec.yaml.decode(parts[1], type=Card)
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        why = " ".join(str(error).split())
        raise UserError(f"{path}: its head is no model card's: {why}: train again") from None
    return found if found.model_sha256 == digest(loaded.text) else None


def write_card(card: Card) -> str:
    """The card's text."""
    terms = card.set.terms
    lines = [
        f"# {card.model}",
        "",
        f"A model of kind `{card.kind}`, trained on what {card.set.ruleset} saw from "
        f"{shown(terms.begin)} up to {shown(terms.to)} UTC,",
        f"with the verdicts that were known on {shown(terms.as_of)}. Seed {card.seed}: the same "
        "set, seed and libraries give the same file.",
        "",
        "| | from | to | payments | frauds | blocked, taken as honest |",
        "|---|---|---|---|---|---|",
        *(
            f"| {what} | {shown(part.first)} | {shown(part.last)} | "
            f"{part.payments:,} | {part.frauds:,} | {part.blocked:,} |"
            for what, part in (("learnt from", card.learnt), ("held out", card.held_out))
        ),
        "",
        f"It has learnt from what was known on {shown(card.cut)}, when the held-out days begin: "
        f"{card.omitted:,} payments",
        "before it had not matured by then, and are in neither part.",
        "",
        "## On the held-out payments",
        "",
        f"Threshold {card.threshold} of {MAX_MODEL_SCORE}: F1, precision and recall are of it. "
        f"Intervals are of 95 %, by {card.resamples:,}",
        "resamples of users.",
        "",
        "| figure | value | from | to |",
        "|---|---|---|---|",
        *(
            f"| {NAMES[name]} | {plain(one.value)} | {plain(one.low)} | {plain(one.high)} |"
            for name, one in card.figures.items()
        ),
        f"| card precision@100 | {card.card_precision_100:.3f} | | |",
        "",
        "## Limits",
        "",
        _blocked(card.control) + LIMITS,
        "## Inputs",
        "",
        *(f"- `{name}`" for name in card.inputs),
    ]
    head = msgspec.yaml.encode(card).decode()
    return FENCE + head + FENCE + "\n".join(lines) + "\n"


def _blocked(control: Control | None) -> str:
    """What is known of blocked payments."""
    return BLIND if control is None else SEEING.format(**msgspec.structs.asdict(control))


def plain(value: float | None) -> str:
    """A share, in three decimals."""
    return "" if value is None else f"{value:.3f}"
