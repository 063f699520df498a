"""The console and its cases, for who keeps the demo running: started, with a user to sign in as."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.users import manage
from risk.stack.process import Home
from risk.stack.secrets import generated, with_generated
from risk.stack.up import up

NAME: Final = "demo"
ROLE: Final = "lead"


def open_console(settings: Settings, home: Home, say: Callable[[str], object]) -> list[str]:
    """Lines that say where it is, and how to sign in. Raises `StackError`, `Unavailable`."""
    up(settings, home, ["cases", "console"], say)
    password = generated(home, "console-demo")
    with contextlib.suppress(UserError):  # an earlier demo has added it
        manage.add(with_generated(settings, home, "console"), NAME, ROLE, password)
    return [settings.console.origin, f"sign in as {NAME} with the password {password}"]
