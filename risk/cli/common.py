"""What every command needs: the settings, errors that are the user's, and the terminal."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from typing import TypeVar

from rich.console import Console

from risk.config.types import is_text
from risk.errors import UserError

_Number = TypeVar("_Number", int, float)


def make_console(*, stderr: bool = False) -> Console:
    """A terminal to print to. What stands in brackets is text, as it may come from anywhere.

    Colours and bold letters come by `rich.text.Text`, never by markup inside of a text. Lines are
    wrapped by the terminal alone: what reads a pipe gets them whole.
    """
    return Console(highlight=False, emoji=False, markup=False, soft_wrap=True, stderr=stderr)


console = make_console()


def say(line: str) -> None:
    """Print one line of progress."""
    console.print(line, markup=False, soft_wrap=True)


def note(line: str) -> None:
    """Progress, on standard error: standard output is the result's alone."""
    print(line, file=sys.stderr, flush=True)


def account() -> str:
    """Who runs this, as it is noted. Raises `UserError`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as containers have
        name = ""
    if not is_text(name):
        raise UserError("your account has no name that can be noted: set LOGNAME to who you are")
    return name


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
