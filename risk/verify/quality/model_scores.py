"""A model's file on a training set: by the way that a ruleset takes it, from its text on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from risk.engine.models import inputs as model_inputs
from risk.engine.models.format import ModelFile
from risk.engine.models.load import Faulty, bind, read_file
from risk.errors import UserError
from risk.ops.models import apply
from risk.ops.models.sets.training_set import TrainingSet
from risk.verify.quality.resamples import Ints


class Loaded(NamedTuple):
    """A model's file: where it is, its text, and what it says."""

    path: Path
    text: str
    file: ModelFile


def read_model(path: Path) -> Loaded:
    """A model's file by itself. Raises `UserError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file: `risk model train` writes one") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8: it is no model's file") from None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    try:
        return Loaded(path, text, read_file(text, path.stem))
    except Faulty as error:
        raise UserError(f"{path}: {error.faults[0]}: `risk model train` writes it anew") from None


def scores(loaded: Loaded, found: TrainingSet) -> Ints:
    """What the model makes of each payment, 0 to 1000.

    Raises `UserError` if the set lacks what the model looks at, or means something else by it.
    """
    manifest = found.manifest
    for index, _ in model_inputs.faults(loaded.file.inputs, manifest.offered):
        one = loaded.file.inputs[index]
        digest = f" of digest {one.digest[:12]}" if one.digest else ""
        raise UserError(
            f"{loaded.path}: it looks at {one.name}{digest}, which {found.path} doesn't have: "
            f"the set is of {manifest.tag}: build one of a ruleset that declares it"
        )
    model = bind(loaded.file, loaded.text, manifest.offered)
    by_name = {one.column.input.name: one for one in manifest.inputs}
    wanted = [by_name[one.name] for one in loaded.file.inputs]
    return apply.scores(model, found.whole(wanted))
