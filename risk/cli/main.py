"""`risk …`: one module a command, listed here in the order of `risk --help`."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import sys
from collections.abc import Sequence

from risk.cli.parsing import Parser, add_examples, printable
from risk.config.settings import SettingsError
from risk.engine.delivery import Unavailable
from risk.engine.rules import InvalidRuleset
from risk.errors import StackError, UserError

COMMANDS: tuple[str, ...] = (
    "demo",
    "up",
    "down",
    "status",
    "secrets",
    "health",
    "provision",
    "migrate",
    "warm_up",
    "submit",
    "generate",
    "import",
    "rules",
    "features",
    "verify",
    "prove",
    "chaos",
    "soak",
    "runs",
    "replay",
    "diff",
    "drift",
    "promote",
    "rollback",
    "audit",
    "label",
    "alerts",
    "case",
    "cases",
    "outbox",
    "model",
    "dlq",
    "rebuild",
    "erase",
    "retention",
    "backup",
    "restore",
    "user",
    "console",
    "api",
    "api_key",
    "exporter",
    "bench",
)


def parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The argument tree of these commands."""
    root = Parser(prog="risk", description="Real-time fraud and risk scoring.")
    subparsers = root.add_subparsers(metavar="command", required=True)
    for name in names:
        importlib.import_module(f"risk.cli.{name}").register(subparsers)
    add_examples(subparsers)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code.

    What a user can mend is told in one line, with code 2; output that can't be written, with 1.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed: another file would get its number
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name can't stop a report
    try:
        try:
            return _run(sys.argv[1:] if argv is None else argv)
        finally:
            sys.stdout.flush()  # else it fails only after this has ended
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _leave_output()  # the reader has seen enough: nothing is wrong
        return 1
    except (UserError, StackError, SettingsError, InvalidRuleset, Unavailable) as error:
        _tell(str(error))
        return 2
    except UnicodeDecodeError as error:
        _tell(f"an input is not UTF-8 at its byte {error.start}")
        return 2
    except UnicodeEncodeError:  # of half a surrogate pair, which such an argument has become
        _tell("an argument is not UTF-8: write it in that encoding")
        return 2
    except OSError as error:
        _leave_output()
        named = error.filename is not None
        _tell(f"{error.filename if named else 'output'}: {error.strerror or error}")
        return 2 if named else 1


def _run(argv: Sequence[str]) -> int:
    # One command's module: those of all take more than a second to import.
    named = [name for name in COMMANDS if [name.replace("_", "-")] == list(argv[:1])]
    args = parser(named or COMMANDS).parse_args(argv)
    code: int = args.run(args)
    return code


def _tell(line: str) -> None:
    """Names out of files may hold what a terminal would obey: it is shown, and not sent."""
    with contextlib.suppress(OSError):
        print(f"risk: {printable(line)}", file=sys.stderr, flush=True)


def _leave_output() -> None:
    """Let what is still to be written go nowhere: it would fail again when the program ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                os.dup2(nowhere, stream.fileno())
