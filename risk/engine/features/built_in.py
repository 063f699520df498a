"""The catalogue's features as declarations, and what the stages of their keys are compiled to."""

from __future__ import annotations

from typing import Final

from risk.engine.features.catalogue import CATALOGUE, DEVICE, IP, USER, Feature
from risk.engine.features.declared.compiler import compile_key
from risk.engine.features.declared.keycode import KeyCode, Remembered
from risk.engine.rules.declaration import Declaration, stage_key
from risk.engine.rules.parser import parse


def declaration(feature: Feature) -> Declaration:
    """The declaration of a feature of the catalogue. Raises `Fault` for a faulty condition."""
    return Declaration(
        feature.name,
        feature.key,
        feature.value,
        feature.of,
        feature.window,
        feature.step,
        feature.session,
        parse(feature.where) if feature.where else None,
        about=feature.meaning,
        without_key=feature.without_key,
        built_in=True,
    )


DECLARATIONS: Final = tuple(map(declaration, CATALOGUE))


def built_in_code(key: tuple[str, ...], remembered: Remembered | None = None) -> KeyCode:
    """The classes of the stage of a key; `remembered` is what entries hold, if that is more."""
    return compile_key((one for one in DECLARATIONS if stage_key(one) == key), remembered)


# Of stages that share no entries with others.
USER_CODE: Final = built_in_code(USER)
IP_CODE: Final = built_in_code(IP)
DEVICE_CODE: Final = built_in_code(DEVICE)
