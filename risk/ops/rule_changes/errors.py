"""Why something about a change of rules was refused, each with a code that pages can rely on."""

from __future__ import annotations

from typing import ClassVar

from risk.errors import UserError


class ChangeError(UserError):
    """It was refused, and nothing has changed."""

    code: ClassVar[str] = "refused"


class NotAllowed(ChangeError):
    """This role, or this person, may not do it."""

    code = "not_allowed"


class NotFound(ChangeError):
    """There is no such ruleset, rule, list or change."""

    code = "not_found"


class Stale(ChangeError):
    """The change, or the folder that it is of, isn't as it was looked at."""

    code = "stale"


class WrongState(ChangeError):
    """The change is in a state in which there is no such step."""

    code = "wrong_state"


class Invalid(ChangeError):
    """What was given can't be: the message names it."""

    code = "invalid"
