"""What goes wrong with a case, each with a code that pages and programs can rely on."""

from __future__ import annotations

from typing import ClassVar

from risk.errors import UserError


class CaseError(UserError):
    """A step was refused, and nothing has changed."""

    code: ClassVar[str] = "refused"


class NotAllowed(CaseError):
    """This role, or this person, may not do it."""

    code = "not_allowed"


class Taken(CaseError):
    """Somebody else has the case."""

    code = "taken"


class NotFound(CaseError):
    """There is no such case, file or view."""

    code = "not_found"


class Stale(CaseError):
    """The case has changed since it was looked at."""

    code = "stale"


class WrongState(CaseError):
    """The case is in a state in which there is no such step."""

    code = "wrong_state"


class Invalid(CaseError):
    """What was given can't be: the message names it."""

    code = "invalid"
