"""`risk model register`: note a model in Postgres, with what its card says."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from risk.cli.common import console
from risk.cli.models.postgres import registry
from risk.engine.messages import MODEL_FILE_DIGITS
from risk.errors import UserError
from risk.registry import models
from risk.verify.quality.card import beside, digest, read_card
from risk.verify.quality.model_scores import read_model

MOST_NOTE = 1_000  # characters


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    text = (
        "note a model in Postgres by the SHA-256 of its file, with what its card says; once more "
        "of the same file adds a card or replaces the note"
    )
    parser = actions.add_parser("register", help="note a model in Postgres", description=text)
    parser.add_argument("model", type=Path, metavar="MODEL.json")
    parser.add_argument(
        "--card", type=Path, metavar="FILE", help="its card (default: the one beside it)"
    )
    parser.add_argument("--note", default="", help="a line on it, for people")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0."""
    note = args.note.strip()
    if len(note) > MOST_NOTE or (note and not note.isprintable()):
        raise UserError(f"--note: one line of at most {MOST_NOTE:,} characters")
    model = described(args.model, args.card, note)
    with registry() as settings:
        models.register(settings, model)
    told = f"{args.model} is registered as {model.name}, file {model.sha256[:MODEL_FILE_DIGITS]}"
    if not model.card:
        told += f", without a card: there is none of it at {beside(args.model)}"
    console.print(told, markup=False, soft_wrap=True)
    return 0


def described(path: Path, card_path: Path | None, note: str) -> models.Model:
    """A model's file as it is noted, with its card: the one at a path, or beside it, if any.

    Raises `UserError`.
    """
    found = read_model(path)
    card = read_card(found, card_path)
    if card is None and card_path:
        wrong = "no card of" if card_path.is_file() else "no such file: a card of"
        raise UserError(f"{card_path}: {wrong} {path}: `risk model train` writes both")
    return models.Model(
        sha256=digest(found.text),
        name=found.file.name,
        kind=found.file.kind,
        set_sha256=card.set.sha256 if card else "",
        card=msgspec.json.decode(msgspec.json.encode(card)) if card else {},
        note=note,
    )
