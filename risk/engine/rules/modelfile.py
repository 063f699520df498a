"""The models of a ruleset: `models/<name>.json`, each read with the features that it looks at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from risk.engine.features.catalogue import TYPES
from risk.engine.messages import MAX_MODELS
from risk.engine.models.format import Kind, Malformed
from risk.engine.models.inputs import Offered
from risk.engine.models.load import Faulty, bind, read_file
from risk.engine.models.model import Model
from risk.engine.rules.declaration import Declaration
from risk.engine.rules.errors import RuleError, locate
from risk.engine.rules.names import ANOMALY, MODEL
from risk.engine.rules.rulefile import WORD

FOLDER: Final = "models/"
MODEL_FILE: Final = re.compile(rf"models/({WORD})\.json")
MOST_CHARACTERS: Final = 6_000_000  # of all models: what is archived has a limit, too
SHOWN_LINE: Final = 200  # characters: a longer line isn't shown with a fault

FUNCTION_OF: Final[dict[Kind, str]] = {"boosting": MODEL, "forest": MODEL, "isolation": ANOMALY}


class Found(NamedTuple):
    """The models of a ruleset, and for each file, of faulty ones too, what gives its score."""

    models: dict[str, Model]
    functions: dict[str, str]
    errors: list[RuleError]


def is_model(path: str) -> bool:
    """Whether a path in a ruleset's folder is that of a model, if maybe misnamed."""
    return path.startswith(FOLDER) and path.endswith(".json")


def offered_by(features: tuple[Declaration, ...]) -> dict[str, Offered]:
    """What models may look at in a ruleset that declares these features."""
    offered = {name: Offered(kind) for name, kind in TYPES.items()}
    return offered | {one.name: Offered(one.type, one.digest) for one in features}


def read_models(
    files: Mapping[str, str],
    names: Mapping[str, str],
    features: tuple[Declaration, ...],
    complete: bool,
) -> Found:
    """The models among the files of a ruleset that declares these features.

    `names` are those of the files in messages. Unless the features are `complete`, for some are
    faulty themselves, it isn't asked whether the models fit them.
    """
    offered = offered_by(features)
    found = Found({}, {}, [])
    own = {path: text for path, text in sorted(files.items()) if is_model(path)}
    for path, text in own.items():
        match = MODEL_FILE.fullmatch(path)
        if match is None:
            wrong = "a model is models/<name>.json, its name of small letters, digits and _"
            found.errors.append(RuleError(names[path], 1, 1, wrong))
            continue
        found.functions[match[1]] = ""
        try:
            file = read_file(text, match[1])
            found.functions[match[1]] = FUNCTION_OF[file.kind]
            if complete:
                found.models[match[1]] = bind(file, text, offered)
        except Faulty as error:
            if error.file is not None:
                found.functions[match[1]] = FUNCTION_OF[error.file.kind]
            found.errors.extend(_error(names[path], text, fault) for fault in error.faults)
    if len(own) > MAX_MODELS or sum(map(len, own.values())) > MOST_CHARACTERS:
        wrong = f"more than {MAX_MODELS} models, or {MOST_CHARACTERS:,} characters of them"
        found.errors.append(RuleError(names[min(own)], 1, 1, wrong))
    return found


def _error(name: str, text: str, fault: Malformed) -> RuleError:
    """The fault in the file: with its line where it is known and not too long to be shown."""
    before = len(text.encode(errors="replace")[: fault.byte].decode(errors="replace"))
    error = locate(name, text, before, before + 1, str(fault))
    if fault.byte and not error.cut and len(error.source) <= SHOWN_LINE:
        return error
    return RuleError(name, error.line, error.column, str(fault))
