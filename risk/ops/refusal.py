"""Why a step was refused, each with a code that pages and programs can rely on."""

from __future__ import annotations

from typing import ClassVar

from risk.errors import UserError


class Refusal(UserError):
    """A step was refused, and nothing has changed."""

    code: ClassVar[str] = "refused"


class NotAllowed(Refusal):
    """This role, or this person, may not do it."""

    code = "not_allowed"


class NotFound(Refusal):
    """There is no such thing: a case, file, view, ruleset, rule, list or change."""

    code = "not_found"


class Taken(Refusal):
    """Somebody else has it."""

    code = "taken"


class Stale(Refusal):
    """It isn't any more as it was looked at."""

    code = "stale"


class WrongState(Refusal):
    """It is in a state in which there is no such step."""

    code = "wrong_state"


class Invalid(Refusal):
    """What was given can't be: the message names it."""

    code = "invalid"
