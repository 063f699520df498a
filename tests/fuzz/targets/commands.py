"""The options of `risk generate`, and numbers and times as commands read them."""

from __future__ import annotations

import argparse
import contextlib
import io
import shlex

from risk.audit.moments import instant, length, moment, shown
from risk.cli.common import number, whole
from risk.cli.generate import _config
from risk.cli.generate_options import DEFAULTS, arguments
from risk.cli.parsing import Parser
from risk.config.settings import Settings
from risk.errors import UserError
from tests.fuzz.target import Target, as_argument

PARSER = arguments(Parser(prog="risk generate"))


def once(data: bytes) -> None:
    """A line of options."""
    text = as_argument(data)
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    for word in words[:20]:
        for found in (moment(word), moment(word, end=True), instant(word)):
            if found is not None and 0 <= found < 253_402_300_800_000:
                shown(found)
        length(word)
        for kind in (number(0, 1), whole(0, 9)):
            with contextlib.suppress(argparse.ArgumentTypeError):
                kind(word)
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        args = PARSER.parse_args(words)
    _config(args, Settings())


SEEDS = (
    b"--rate 500 --duration 60 --attack card_testing,device_farm --seed 7 --start-time 0",
    b"--habits none --users 100 --out-of-order 0.1 --to-file x.jsonl --unpaced --late 0.5",
    b"--malformed-only 10 --hot-ips 5 --hot-share 0.2 --skew-s 1e1 --json",
)
WORDS = (
    *(f"--{name.replace('_', '-')}" for name in DEFAULTS),
    *(
        "nan",
        "inf",
        "1e400",
        "-1",
        "1_0",
        "٣",
        "9" * 5_000,
        "all",
        "none",
        "card_testing",
        ",",
        "=",
        "@x",
    ),
    *(
        "2025-03-01",
        "20250301",
        "2025-W10-1",
        "2025-03-01T24:00",
        "10m",
        "0.5",
        "1e-320",
        "--",
        "-",
    ),
)
TARGET = Target("commands", once, (UserError, SystemExit), SEEDS, WORDS, "text", 8_000)
