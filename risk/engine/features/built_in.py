"""The catalogue's features as the declarations that stages and oracle are made of."""

from __future__ import annotations

from typing import Final

from risk.engine.features.catalogue import CATALOGUE, Feature
from risk.engine.rules.declaration import Declaration
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


BUILT_IN: Final = tuple(map(declaration, CATALOGUE))
