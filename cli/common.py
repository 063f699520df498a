"""What every command needs: the settings, errors that are the user's, and the terminal."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from risk.config.checks import texts
from risk.config.types import is_file
from risk.settings import Settings, SettingsError, parse
from stack.kafka_nodes import with_recorded
from stack.process import Home, StackError

_Number = TypeVar("_Number", int, float)

ROOT = Path(__file__).resolve().parent.parent


class UserError(Exception):
    """The user can mend this: the message says what and how. Printed alone, exit code 2."""


def make_console(*, stderr: bool = False) -> Console:
    """A terminal to print to. What stands in brackets is text, as it may come from anywhere.

    Colours and bold letters come by `rich.text.Text`, never by markup inside of a text. Lines are
    wrapped by the terminal alone: what reads a pipe gets them whole.
    """
    return Console(highlight=False, emoji=False, markup=False, soft_wrap=True, stderr=stderr)


console = make_console()


def load_settings() -> Settings:
    """The settings: `risk.yaml`, or the file that `RISK_SETTINGS_FILE` names; the environment."""
    environment = dict(os.environ)
    path = Path(environment.pop("RISK_SETTINGS_FILE", ROOT / "risk.yaml"))
    try:
        text = read_text(path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}: name a settings file") from None
    try:
        settings = parse(text, environment, path.name)
        _check_files(settings)
        return with_recorded(settings, Home(ROOT / settings.data_dir))
    except (SettingsError, StackError) as error:
        raise UserError(str(error)) from None


def _check_files(settings: Settings) -> None:
    """Raise `UserError` if a file that the settings name isn't there."""
    for path, value, fits in texts(settings):
        if fits.check is is_file and not Path(value).is_file():
            raise UserError(f"{path}: {value}: there is no such file")


def read_text(path: Path) -> str:
    """A text file that the user wrote. Raises `UserError` if it isn't UTF-8, and OSError."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}:{line}: not UTF-8: save the file in that encoding") from None


def number(least: float, most: float) -> Callable[[str], float]:
    """An argument's type: a number within bounds."""
    return _bounded(float, "a number", least, most)


def whole(least: int, most: int) -> Callable[[str], int]:
    """An argument's type: a whole number within bounds, in digits alone."""
    return _bounded(_digits, "a whole number", least, most)


def _digits(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def _bounded(
    kind: Callable[[str], _Number], name: str, least: float, most: float
) -> Callable[[str], _Number]:
    def read(text: str) -> _Number:
        refused = argparse.ArgumentTypeError(f"{text}: {name} from {least:.15g} to {most:.15g}")
        try:
            found = kind(text)
        except ValueError:
            raise refused from None
        if not least <= found <= most:  # as no comparison with NaN holds
            raise refused
        return found

    return read
