"""A section of the settings, and how the environment's variables override its values."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

import msgspec

ENV_PREFIX = "RISK_"
MOST_SHOWN = 600  # characters of a message
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")


class SettingsError(Exception):
    """A setting is wrong: the message names it, where it stands and what it may be.

    It is one line, whatever stands in the file.
    """

    def __init__(self, message: str) -> None:
        shown = message if len(message) <= MOST_SHOWN else message[:MOST_SHOWN] + " …"
        super().__init__(
            "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
        )


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the settings file."""


@functools.cache
def fields_of(section: type[Section]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Its fields. msgspec evaluates their annotations anew whenever it is asked."""
    return msgspec.structs.fields(section)


def override(
    tree: dict[str, Any], environment: Mapping[str, str], root: type[Section]
) -> dict[str, str]:
    """Set in `tree` what the environment sets; return which variable set which path.

    `root` is the type of the whole tree. Raises `SettingsError`.
    """
    origin: dict[str, str] = {}
    for variable, text in environment.items():
        if not variable.startswith(ENV_PREFIX):
            continue
        if variable != variable.upper():
            raise SettingsError(f"{variable}: write it in capitals")
        if not _is_text(variable + text):
            raise SettingsError(f"{variable}: not UTF-8: write it in that encoding")
        path = variable.removeprefix(ENV_PREFIX).lower().split("__")
        node: Any = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise SettingsError(f"{variable}: {part} is not a section")
        node[path[-1]] = _scalar(root, path, text)
        origin[".".join(path)] = variable
    return origin


def _is_text(text: str) -> bool:
    """Whether the environment's bytes were UTF-8: those that aren't are halves of pairs here."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _scalar(root: type[Section], path: list[str], text: str) -> Any:
    """Text of the environment as the type of its field, where it can be; else left as text."""
    section: Any = root
    for part in path[:-1]:
        section = next((f.type for f in fields_of(section) if f.encode_name == part), None)
        if not (isinstance(section, type) and issubclass(section, Section)):
            return text
    field = next((f for f in fields_of(section) if f.encode_name == path[-1]), None)
    if field is None:
        return text
    try:
        return msgspec.convert(text, field.type, strict=False)
    except msgspec.ValidationError:
        return _out_of_bounds(text, field.type)


def _out_of_bounds(text: str, kind: Any) -> Any:
    """A whole number that a field of numbers can't be, so that its bounds are told; else text."""
    if not _WHOLE.fullmatch(text):
        return text
    try:
        return msgspec.convert(int(text), kind)
    except msgspec.ValidationError as error:
        return text if "got `int`" in str(error) else int(text)
