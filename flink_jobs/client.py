"""How a submission ends when there is something that the user can mend."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec

from risk.errors import UserError

P = ParamSpec("P")


def submits(main: Callable[P, None]) -> Callable[P, None]:
    """A program that submits jobs: what a user can mend ends it in one line, with code 2."""

    @functools.wraps(main)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            main(*args, **kwargs)
        except UserError as error:
            _end(str(error))

    return told


def _end(message: str) -> NoReturn:
    """One line and exit code 2.

    Under `flink run` it is the client that has to end so: left to itself, it would show a stack
    trace of how it ran Python.
    """
    if "PYFLINK_GATEWAY_PORT" in os.environ:
        from py4j.protocol import Py4JError
        from pyflink.java_gateway import get_gateway

        java = get_gateway().jvm.java
        java.lang.System.err.println(f"risk: {message}")
        java.lang.System.setErr(java.io.PrintStream(java.io.OutputStream.nullOutputStream()))
        with contextlib.suppress(Py4JError, OSError):
            java.lang.System.exit(2)  # doesn't return: the client is gone
    else:
        print(f"risk: {message}", file=sys.stderr)
    raise SystemExit(2)
