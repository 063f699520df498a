"""The text of a model's file into a model, or every fault found in it."""

from __future__ import annotations

from collections.abc import Mapping

from risk.engine.models import inputs, structure
from risk.engine.models.format import Malformed, ModelFile, decode
from risk.engine.models.inputs import Offered
from risk.engine.models.model import Model


class Faulty(Exception):
    """A file that can't be used. `file` is what it says, if it has the right form."""

    def __init__(self, faults: list[Malformed], file: ModelFile | None = None) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults
        self.file = file


def read_file(text: str, name: str) -> ModelFile:
    """What a file called `<name>.json` says, by itself. Raises `Faulty`."""
    try:
        file = decode(text)
    except Malformed as fault:
        raise Faulty([fault]) from None
    found = list(structure.faults(file))
    if file.name != name:
        wrong = f"{file.name[:64]!r}, in a file called {name}.json: both are one name"
        found.append(Malformed("name", wrong))
    if found:
        raise Faulty(found, file)
    return file


def bind(file: ModelFile, text: str, offered: Mapping[str, Offered]) -> Model:
    """The model of that file, for a ruleset that has these features. Raises `Faulty`."""
    found = [
        Malformed(f"inputs[{index}]", told) for index, told in inputs.faults(file.inputs, offered)
    ]
    if found:
        raise Faulty(found, file)
    return Model(file, text, offered)


def load_model(text: str, name: str, offered: Mapping[str, Offered]) -> Model:
    """Both: the model in a file called `<name>.json`. Raises `Faulty`."""
    return bind(read_file(text, name), text, offered)
