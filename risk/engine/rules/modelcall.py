"""The score of a model, as rules ask for it, reasons show it and tests give it."""

from __future__ import annotations

from risk.engine.rules.errors import Fault, did_you_mean
from risk.engine.rules.names import FUNCTIONS, MODEL, Models
from risk.engine.rules.parser import parse
from risk.engine.rules.tree import ModelCall


def called(call: ModelCall, models: Models) -> list[Fault]:
    """What is wrong with asking for that model's score, if anything is."""
    name, place = str(call.name.value), call.name
    if name not in models:
        hint = did_you_mean(name, list(models)) or f": there is no models/{name}.json"
        return [Fault(place.start, place.end, f"no model is called {name}{hint}")]
    if models[name] in ("", call.function):
        return []
    what = "no isolation forest" if models[name] == MODEL else "an isolation forest"
    wrong = f'{name} is {what}: write {models[name]}("{name}")'
    return [Fault(call.start, call.end, wrong)]


def model_call(text: str, models: Models) -> ModelCall | None:
    """The call that a text is; None if it doesn't look like one.

    Raises `Fault`, at its place in the text, if it is a faulty one.
    """
    if not text.startswith(tuple(f"{function}(" for function in FUNCTIONS)):
        return None
    found = parse(text)
    if not isinstance(found, ModelCall):
        raise Fault(0, len(text), 'expected the score of a model by itself, such as model("card")')
    for fault in called(found, models):
        raise fault
    return found
