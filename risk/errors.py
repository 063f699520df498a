"""What a person can mend. Such an error is told in one line, and never with a traceback."""

from __future__ import annotations


class UserError(Exception):
    """The user can mend this: the message says what and how. A command ends with code 2."""


class StackError(Exception):
    """The embedded stack can't do what was asked: one line that says why and what to do."""
